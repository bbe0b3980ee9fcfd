"""The local issuer's one page: choosing who one is."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from urllib.parse import urlsplit

from starlette.responses import HTMLResponse

from hub.api.issuer.users import LocalUser

_STYLE = (
    ":root{color-scheme:light dark}"
    "body{font:1.1rem/1.5 system-ui,sans-serif;max-width:40rem;margin:2rem auto;padding:0 1rem}"
    "button{font:inherit;display:block;width:100%;text-align:left;margin:.5rem 0;padding:.75rem;cursor:pointer}"
    "h2{font-size:1rem;margin:1.5rem 0 .5rem}"
)
_PAGE = """<!doctype html>
<html lang="fr">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{title}</title><style>{style}</style></head>
<body><main><h1>{title}</h1>{body}</main></body>
</html>
"""


def choosing(users: Iterable[LocalUser], redirect_uri: str, hint: str | None) -> HTMLResponse:
    """Give the page on which one chooses who one is, whomever `hint` names first.

    The form goes back to the address of the page.
    """
    hinted: list[str] = []
    others: list[str] = []
    for user in users:
        (hinted if user.login == hint else others).append(_button(user))
    first = f"{''.join(hinted)}<h2>Ou quelqu’un d’autre</h2>" if hinted else ""
    body = (
        "<p>Connexion de démonstration, sans mot de passe, sur cette machine seulement.</p>"
        f'<form method="post">{first}{"".join(others)}</form>'
    )
    parts = urlsplit(redirect_uri)
    return _page("Qui êtes-vous ?", body, 200, f"{parts.scheme}://{parts.netloc}")


def refusal(text: str) -> HTMLResponse:
    """Give the page for a request that leads nowhere safe."""
    return _page("Connexion impossible", f"<p>{escape(text)}</p>", 400, "")


def _button(user: LocalUser) -> str:
    login, name = escape(user.login), escape(user.name)
    return f'<button name="login" value="{login}">{name}<br><small>{escape(user.title)}</small></button>'


def _page(title: str, body: str, status: int, leads_to: str) -> HTMLResponse:
    policy = (
        f"default-src 'none'; style-src 'unsafe-inline'; form-action 'self' {leads_to}; frame-ancestors 'none'; "
        "base-uri 'none'"
    )
    headers = {
        "Content-Security-Policy": policy,
        "Cache-Control": "no-store",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
    }
    return HTMLResponse(_PAGE.format(title=title, style=_STYLE, body=body), status, headers)
