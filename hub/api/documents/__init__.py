"""What requests and answers hold, as pydantic models: the contract that OpenAPI shows and the client reads."""
