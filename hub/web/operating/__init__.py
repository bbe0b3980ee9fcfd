"""What operators see: how the hub is doing, and what broke the contract; nothing about a person."""
