"""The local issuer's one page: choosing who one is."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from urllib.parse import urlsplit

from starlette.responses import HTMLResponse

from hub.api.issuer.users import LocalUser
from hub.domain.access import Role
from hub.domain.ids import CAP_EMPLOI, FRANCE_TRAVAIL

_ROLES: dict[Role, str] = {
    "adviser": "conseiller",
    "site_lead": "responsable de site",
    "manager": "pilotage",
    "auditor": "audit",
    "dpo": "délégué à la protection des données",
    "publisher": "système source",
    "operator": "exploitation",
}
_NETWORKS = {FRANCE_TRAVAIL: "France Travail", CAP_EMPLOI: "Cap emploi"}
_STYLE = (
    "body{font:1.1rem/1.5 system-ui,sans-serif;max-width:40rem;margin:2rem auto;padding:0 1rem}"
    "button{font:inherit;display:block;width:100%;text-align:left;margin:.5rem 0;padding:.75rem}"
)
_PAGE = """<!doctype html>
<html lang="fr">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{title}</title><style>{style}</style></head>
<body><main><h1>{title}</h1>{body}</main></body>
</html>
"""


def choosing(users: Iterable[LocalUser], redirect_uri: str) -> HTMLResponse:
    """Give the page on which one chooses who one is; the form goes back to the address of the page."""
    body = (
        "<p>Connexion de démonstration, sans mot de passe, sur cette machine seulement.</p>"
        f'<form method="post">{"".join(map(_button, users))}</form>'
    )
    parts = urlsplit(redirect_uri)
    return _page("Qui êtes-vous ?", body, 200, f"{parts.scheme}://{parts.netloc}")


def refusal(text: str) -> HTMLResponse:
    """Give the page for a request that leads nowhere safe."""
    return _page("Connexion impossible", f"<p>{escape(text)}</p>", 400, "")


def _button(user: LocalUser) -> str:
    login, name = escape(user.login), escape(user.name)
    return f'<button name="login" value="{login}">{name}<br><small>{_about(user)}</small></button>'


def _about(user: LocalUser) -> str:
    roles = ", ".join(_ROLES[role] for role in sorted(user.roles))
    network = _NETWORKS.get(user.network or "")
    sites = f"site {', '.join(sorted(user.sites))}" if user.sites else None
    return escape(" · ".join(each for each in (roles, network, sites, user.adviser) if each))


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
