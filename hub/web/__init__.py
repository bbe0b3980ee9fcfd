"""The web pages that advisers, managers, auditors and operators read: French, and whole without JavaScript."""
