"""What comes while someone reads: told without moving anything."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from hub.domain.events.service import ServicePrescribed
from tests.browser.region import happens, later
from tests.browser.sights import ADVISER
from tests.browser.visiting import Visitors


def test_an_act_of_the_other_network_is_told_while_the_page_is_read_and_nothing_moves(visitors: Visitors) -> None:
    page = visitors.page(ADVISER)
    page.goto("/accueil")
    page.locator("#personnes").get_by_role("link").first.focus()
    page.wait_for_function("window.scrollY > 0")
    before = page.evaluate("[window.scrollY, document.activeElement.textContent]")

    happens(
        visitors.region,
        later(ServicePrescribed, "CE-908", service_id="S-1", service="training"),
    )

    expect(page.get_by_role("status").filter(has_text=re.compile("nouve", re.IGNORECASE))).to_be_visible()
    assert page.evaluate("[window.scrollY, document.activeElement.textContent]") == before
