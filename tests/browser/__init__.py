"""The pages in a real Chromium: journeys, accessibility rules, sizes, and data that means harm."""
