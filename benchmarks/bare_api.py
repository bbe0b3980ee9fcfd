"""`python -m benchmarks.bare_api PORT BYTES`: a FastAPI route that answers so many bytes of JSON, and no more."""

from __future__ import annotations

import json
import sys

import uvicorn
from fastapi import FastAPI, Response


def main(port: int, size: int) -> None:
    """Serve until it is ended."""
    body = json.dumps({"text": "x" * max(0, size - 12)}).encode()
    app = FastAPI()

    @app.get("/bare/{person_id}")
    def bare(person_id: str) -> Response:
        return Response(body, headers={"X-Person": person_id}, media_type="application/json")

    uvicorn.run(app, host="127.0.0.1", port=port, log_level="critical", access_log=False)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
