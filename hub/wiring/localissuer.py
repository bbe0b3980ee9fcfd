"""The issuer of `hub serve --local-issuer`: someone for each role; its advisers are those who accompany most people."""

from __future__ import annotations

import os
from collections.abc import Iterator

from sqlalchemy import distinct, func, select

from hub.api.issuer import LocalIssuer, LocalSystem, LocalUser
from hub.domain.access import Role
from hub.domain.ids import CAP_EMPLOI, FRANCE_TRAVAIL
from hub.ledger.database import reading
from hub.projections import generations
from hub.wiring.hub import Hub

PATH = "/issuer"
_ADVISERS = 2
"""Of each network, so that one reads someone who is not theirs."""
_SHORT = {FRANCE_TRAVAIL: "ft", CAP_EMPLOI: "ce"}
_TITLES = {FRANCE_TRAVAIL: "France Travail", CAP_EMPLOI: "Cap emploi"}
_OFFICES: tuple[tuple[Role, str], ...] = (
    ("auditor", "Auditeur"),
    ("dpo", "Déléguée à la protection des données"),
    ("operator", "Exploitant"),
)


def local_issuer(hub: Hub, url: str) -> LocalIssuer:
    """Make the issuer at an address; the same hub's secrets stay the same."""
    return LocalIssuer(
        url,
        audience=hub.settings.oidc_audience,
        users=list(_users(hub)),
        systems=[LocalSystem(f"{short}-publisher", network) for network, short in _SHORT.items()],
        redirect_uris=["http://127.0.0.1:8000/", "http://localhost:8000/"],
        seed=hub.master.derive("local-issuer"),
        random_bytes=os.urandom,
        now=hub.now,
    )


def how_to(issuer: LocalIssuer) -> str:
    """Say how to get a token, with everyone's secret."""
    secrets = "\n".join(f"  {name}:{issuer.secret_of(name)}" for name in [*issuer.users, *_systems()])
    return (
        f"tokens: curl --user NAME:SECRET --data grant_type=client_credentials {issuer.url}/token, as one of\n{secrets}"
    )


def _systems() -> list[str]:
    return [f"{short}-publisher" for short in _SHORT.values()]


def _users(hub: Hub) -> Iterator[LocalUser]:
    for network, short in _SHORT.items():
        busiest = _busiest(hub, network)
        for number, (adviser, _) in enumerate(busiest, 1):
            login = f"{short}-adviser-{number}"
            yield LocalUser(login, f"Conseiller {_TITLES[network]} {adviser}", frozenset({"adviser"}), network, adviser)
        sites = frozenset(site for _, site in busiest[:1] if site)
        departments = frozenset(site[:2] for site in sites)
        led = f"{_TITLES[network]} {' '.join(sites)}".strip()
        yield LocalUser(f"{short}-lead", f"Responsable de site {led}", frozenset({"site_lead"}), network, sites=sites)
        yield LocalUser(
            f"{short}-manager",
            f"Direction {led}",
            frozenset({"manager"}),
            network,
            sites=sites,
            departments=departments,
        )
    for role, title in _OFFICES:
        yield LocalUser(role, title, frozenset({role}))


def _busiest(hub: Hub, network: str) -> list[tuple[str, str | None]]:
    """Give the advisers of a network who accompany most people now, each with a site where they do."""
    with reading(hub.store) as connection:
        ties = generations.live(connection).models["accompaniment"].c
        people = func.count(distinct(ties.pathway_no))
        query = (
            select(ties.adviser, func.min(ties.site))
            .where(ties.network == network, ties.adviser.is_not(None), ties.until_date.is_(None))
            .group_by(ties.adviser)
            .order_by(people.desc(), ties.adviser)
            .limit(_ADVISERS)
        )
        return [(adviser, site) for adviser, site in connection.execute(query)]
