"""The pages, a module each: routes, and the model that its template shows."""
