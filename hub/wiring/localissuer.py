"""The issuer of `hub serve --local-issuer`: someone for each role; its advisers are those who accompany most people."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from sqlalchemy import distinct, func, select

from hub.api.issuer import LocalIssuer, LocalSystem, LocalUser
from hub.domain.access import EVERYWHERE, Role
from hub.domain.ids import CAP_EMPLOI, FRANCE_TRAVAIL
from hub.ledger.database import reading
from hub.projections import generations
from hub.web.login.provider import LANDING, LEFT
from hub.web.naming.names import UNNAMED, Names
from hub.wiring.hub import Hub
from hub.wiring.naming import invented

PATH = "/issuer"
_ADVISERS = 2
"""Of each network, so that one reads someone who is not theirs."""
_SHORT = {FRANCE_TRAVAIL: "ft", CAP_EMPLOI: "ce"}
_OFFICES: tuple[Role, ...] = ("auditor", "dpo", "operator")


class Login(NamedTuple):
    """Someone whom a demonstration offers to be: `url` leads to the pages as them, after one click."""

    login: str
    name: str
    title: str
    roles: frozenset[Role]
    url: str


class Opened(NamedTuple):
    """Where the pages of a hub that is its own provider are, who may log in, and how to get tokens for the API."""

    url: str
    logins: tuple[Login, ...]
    tokens: str


def bracketed(host: str) -> str:
    """Write a host as it stands in an address."""
    return f"[{host}]" if ":" in host else host


def local_issuer(hub: Hub, url: str, web_url: str, names: Names = UNNAMED) -> LocalIssuer:
    """Make the issuer at an address, for the pages at another; the same hub's secrets stay the same.

    Whom `names` has is called so here too; the others' names are invented.
    """
    return LocalIssuer(
        url,
        audience=hub.settings.oidc_audience,
        users=list(_users(hub, names)),
        systems=[LocalSystem(f"{short}-publisher", network) for network, short in _SHORT.items()],
        redirect_uris=[web_url + LANDING],
        logout_uris=[web_url + LEFT],
        seed=hub.master.derive("local-issuer"),
        random_bytes=os.urandom,
        now=hub.now,
    )


def opened(issuer: LocalIssuer, web_url: str) -> Opened:
    """Say where the pages are, and who may log in."""
    logins = (
        Login(user.login, user.name, user.title, user.roles, f"{web_url}/connexion?compte={user.login}")
        for user in issuer.users.values()
    )
    return Opened(web_url + "/", tuple(logins), how_to(issuer))


def welcome(found: Opened) -> str:
    """Say all of it as text: the pages with a line for each role, then how to get a token."""
    width = max((len(login.title) for login in found.logins), default=0)
    lines = "\n".join(f"  {login.title:<{width}}  {login.url}" for login in found.logins)
    return f"pages: {found.url}, as one of\n{lines}\n{found.tokens}"


def how_to(issuer: LocalIssuer) -> str:
    """Say how to get a token, with everyone's secret."""
    secrets = "\n".join(f"  {name}:{issuer.secret_of(name)}" for name in [*issuer.users, *_systems()])
    return (
        f"tokens: curl --user NAME:SECRET --data grant_type=client_credentials {issuer.url}/token, as one of\n{secrets}"
    )


def _systems() -> list[str]:
    return [f"{short}-publisher" for short in _SHORT.values()]


def logins_named(hub: Hub) -> Mapping[tuple[str, str], str]:
    """Give the invented names of the advisers as whom one may log in, by network and code."""
    return {(user.network, user.adviser): user.name for user in _users(hub, UNNAMED) if user.network and user.adviser}


def _users(hub: Hub, names: Names) -> Iterator[LocalUser]:
    for network, short in _SHORT.items():
        advisers = busiest(hub, network)
        for number, (adviser, _) in enumerate(advisers, 1):
            login = f"{short}-adviser-{number}"
            found = names.known(network, adviser)
            name = invented(login) if found is None else found.name
            yield LocalUser(login, name, frozenset({"adviser"}), network, adviser)
        sites = frozenset(site for _, site in advisers[:1] if site)
        # One sees the figures of everywhere, the other of one département: small figures are hidden from both.
        departments = frozenset({EVERYWHERE}) if short == "ft" else frozenset(site[:2] for site in sites)
        lead, manager = f"{short}-lead", f"{short}-manager"
        name = invented(manager)
        yield LocalUser(lead, invented(lead), frozenset({"site_lead"}), network, sites=sites)
        yield LocalUser(manager, name, frozenset({"manager"}), network, sites=sites, departments=departments)
    for role in _OFFICES:
        yield LocalUser(role, invented(role), frozenset({role}))


def busiest(hub: Hub, network: str, most: int = _ADVISERS) -> list[tuple[str, str | None]]:
    """Give the advisers of a network who accompany most people now, each with a site where they do."""
    with reading(hub.store) as connection:
        ties = generations.live(connection).models["accompaniment"].c
        people = func.count(distinct(ties.pathway_no))
        query = (
            select(ties.adviser, func.min(ties.site))
            .where(ties.network == network, ties.adviser.is_not(None), ties.until_date.is_(None))
            .group_by(ties.adviser)
            .order_by(people.desc(), ties.adviser)
            .limit(most)
        )
        return [(adviser, site) for adviser, site in connection.execute(query)]
