"""Who may call what: the whole of it, as one table, asked of a small world in which every object belongs to somebody.

A route that the table does not name fails: whoever adds one says here who may call it, and on whose things.
"""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from flask import Flask
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from tests.flows.world import EVERYBODY, OWNER, PEOPLE, VISITOR, World, build, routes

pytestmark = pytest.mark.sqlite_only  # what is judged here is the doors, not the database

Who = frozenset[str]
ANYONE: Who = frozenset(EVERYBODY)
ACCOUNT: Who = frozenset(PEOPLE)
ITS_OWNER: Who = frozenset({OWNER})
ADMINISTRATOR: Who = frozenset({"administrator"})
TEACHES: Who = ADMINISTRATOR | {"trainer"}
IN_THE_COURSE: Who = TEACHES | ITS_OWNER
OF_THE_STATE: Who = ADMINISTRATOR | {"coordinator", "regional-coordinator"}
DESK: Who = OF_THE_STATE | {"coordinator-elsewhere"}
OF_THE_REGION: Who = ADMINISTRATOR | {"regional-coordinator"}
NOBODY: Who = frozenset()

ALLOWED: Mapping[str, Who] = {
    "static_file": ANYONE,
    "site.home": ANYONE,
    "site.paths": ANYONE,
    "site.learning_path": ANYONE,
    "site.change_language": ANYONE,
    "site.accessibility": ANYONE,
    "site.healthz": ANYONE,
    "site.readyz": ANYONE,
    "site.components": ANYONE,  # in a demonstration
    "site.mailbox": ANYONE,  # in a demonstration
    "site.job": ITS_OWNER,
    "organizations.search": ANYONE,
    # the account
    "accounts.sign_in": ANYONE,
    "accounts.enter_code": ANYONE,
    "accounts.send_again": ANYONE,
    "accounts.sign_out": ANYONE,
    "accounts.setup": NOBODY,  # a demonstration has its administrator
    "accounts.privacy": ANYONE,
    "accounts.privacy_version": ANYONE,
    "accounts.register": ACCOUNT,
    "accounts.accept_notice": ACCOUNT,
    "accounts.overview": ACCOUNT,
    "accounts.details": ACCOUNT,
    "accounts.workplace": ACCOUNT,
    "accounts.addresses": ACCOUNT,
    "accounts.change_address": ACCOUNT,
    "accounts.address_code": ACCOUNT,
    "accounts.address_code_again": ACCOUNT,
    "accounts.drop_personal_address": ACCOUNT,
    "accounts.confirm": ACCOUNT,
    "accounts.confirm_send": ACCOUNT,
    "accounts.confirm_code": ACCOUNT,
    "accounts.mail_language": ACCOUNT,
    "accounts.invitations": ACCOUNT,
    "accounts.my_data": ACCOUNT,
    "accounts.my_data_file": ACCOUNT,
    "accounts.end_other_sessions": ACCOUNT,
    "security.login": ANYONE,
    "security.mf_recovery": ANYONE,
    "security.wan_signin": ANYONE,
    "security.wan_signin_response": ANYONE,
    "security.two_factor_token_validation": ANYONE,
    "security.two_factor_rescue": NOBODY,  # switched off
    "security.two_factor_setup": ANYONE,  # who is halfway in: the second step is set up before the door opens
    "security.two_factor_setup_validate": ACCOUNT,
    "security.tf_select": ANYONE,
    "security.forgot_password": ANYONE,
    "security.reset_password": ANYONE,
    "security.change_password": ACCOUNT,
    "security.mf_recovery_codes": ACCOUNT,
    "security.verify": ACCOUNT,
    "security.wan_verify": ACCOUNT,
    "security.wan_verify_response": ACCOUNT,
    "security.wan_register": ACCOUNT,
    "security.wan_register_response": ACCOUNT,
    "security.wan_delete": ACCOUNT,
    # the course, in which only the owner is enrolled
    "catalog.courses": ANYONE,
    "catalog.material": ANYONE,
    "learning.course": ANYONE,
    "learning.step": ACCOUNT,  # who is not enrolled is shown the course
    "learning.ask_to_enrol": ACCOUNT,
    "learning.my_courses": ACCOUNT,
    "learning.requirements": ITS_OWNER,
    "learning.name": ITS_OWNER,
    "learning.confirm_name": ITS_OWNER,
    "learning.beacon": ITS_OWNER,
    "learning.complete": ITS_OWNER,
    "learning.start": ITS_OWNER,
    "learning.attempt": ITS_OWNER,
    "learning.save": ITS_OWNER,
    "learning.save_all": ITS_OWNER,
    "learning.unanswered": ITS_OWNER,
    "learning.submit": ITS_OWNER,
    "learning.result": ITS_OWNER,
    "learning.enrol": ACCOUNT,
    "learning.take_revision": ITS_OWNER,
    # Only for who was accredited under an earlier revision, as nobody here was: tests/learning/test_revisions.py.
    "learning.update": NOBODY,
    "learning.update_lesson": NOBODY,
    "learning.read_update": NOBODY,
    "learning.grant": TEACHES,
    # the question box of a lesson: the owner and the trainer take part; question and answer are the owner's
    "forum.box": IN_THE_COURSE,
    "forum.question": IN_THE_COURSE,
    "forum.edit": ITS_OWNER,
    "forum.mails": ITS_OWNER,
    "forum.withdraw": ITS_OWNER,
    "forum.withdraw_answer": ITS_OWNER,
    "forum.received": ITS_OWNER,
    "forum.mark_read": ITS_OWNER,
    "forum.announcement_mails": ITS_OWNER,
    "forum.course_questions": TEACHES,
    "forum.hide": TEACHES,
    "forum.hide_answer": TEACHES,
    "forum.show": TEACHES,
    "forum.show_answer": TEACHES,
    "forum.endorse": TEACHES,
    "forum.announcements": TEACHES,
    "forum.announcement": TEACHES,
    "forum.retire": TEACHES,
    # the studio, in which the draft is the trainer's
    "authoring.studio": TEACHES,
    "authoring.new": TEACHES,
    "authoring.drop": TEACHES,
    "authoring.received": frozenset({"trainer"}),  # what somebody dropped is their own until it is a draft
    "authoring.received_state": frozenset({"trainer"}),
    "authoring.apply_drop": frozenset({"trainer"}),
    "authoring.leave_drop": frozenset({"trainer"}),
    "authoring.draft": TEACHES,
    "authoring.drop_again": TEACHES,
    "authoring.drop_onto": TEACHES,
    "authoring.reorder": TEACHES,
    "authoring.step": TEACHES,
    "authoring.course_sheet": TEACHES,
    "authoring.undo": TEACHES,
    "authoring.export": TEACHES,
    "authoring.preview": TEACHES,
    "authoring.preview_step": TEACHES,
    "authoring.draft_material": TEACHES,
    "authoring.publish": TEACHES,
    "authoring.discard": TEACHES,
    "authoring.blank": TEACHES,
    "authoring.edit_lesson": TEACHES,
    "authoring.lesson_preview": TEACHES,
    "authoring.save_lesson": TEACHES,
    "authoring.new_step": TEACHES,
    "authoring.citations": TEACHES,
    "authoring.picture": TEACHES,
    "authoring.file_history": TEACHES,
    "authoring.bank": TEACHES,
    "authoring.save_bank": TEACHES,
    "authoring.arrange_bank": TEACHES,
    "authoring.new_question": TEACHES,
    "authoring.add_question": TEACHES,
    "authoring.edit_question": TEACHES,
    "authoring.save_question": TEACHES,
    "authoring.import_questions": TEACHES,
    "authoring.export_questions": TEACHES,
    "authoring.bank_template": TEACHES,
    "authoring.new_lab": TEACHES,
    "authoring.course": TEACHES,
    "authoring.questions": TEACHES,
    "authoring.question": TEACHES,
    "authoring.preview_amendment": TEACHES,
    "authoring.amend": TEACHES,
    "authoring.amendment": TEACHES,
    "authoring.undo_amendment": TEACHES,
    # materials of the trainer, who works for the same authority as the owner
    "materials.index": TEACHES,
    "materials.upload": TEACHES,
    "materials.detail": TEACHES,
    "materials.retire": TEACHES,
    "materials.quotas": ADMINISTRATOR,
    "materials.serve": ANYONE,
    # practices with formats: the public laboratory, and the labs of a course
    "formatlab.laboratory": ANYONE,
    "formatlab.upload": ANYONE,
    "formatlab.file": ANYONE,  # who knows its random name
    "formatlab.state": ANYONE,
    "formatlab.annotated": ANYONE,
    "formatlab.delete": ANYONE,
    "formatlab.formats": ANYONE,
    "formatlab.known_problems": ANYONE,
    "formatlab.template": ANYONE,
    "formatlab.problems": DESK | {"trainer"},
    "formatlab.problems_file": DESK | {"trainer"},
    "formatlab.lab": ITS_OWNER,
    "formatlab.open_lab": ITS_OWNER,
    "formatlab.another": ITS_OWNER,
    "formatlab.workbook": ITS_OWNER,
    "formatlab.hint": ITS_OWNER,
    "formatlab.upload_answer": ITS_OWNER,
    "formatlab.hand_in_typed": ITS_OWNER,
    "formatlab.result": ITS_OWNER,
    "formatlab.sheet": ITS_OWNER,
    "formatlab.save_row": ITS_OWNER,
    # constancias
    "records.mine": ACCOUNT,
    "records.download": ITS_OWNER,
    "records.download_all": ITS_OWNER,
    "records.reissue": ITS_OWNER,
    "records.ask_code": ANYONE,
    "records.verify": ANYONE,
    "records.compare_name": ANYONE,
    "records.search": ADMINISTRATOR,
    "records.revoke": ADMINISTRATOR,
    "records.requests": DESK,
    "records.one_request": OF_THE_STATE,
    "records.link": OF_THE_STATE,
    "records.decline": OF_THE_STATE,
    # interactive packages; the world has none, so that the pages of one exist for nobody here (tests/packages)
    "packages.material": NOBODY,
    "packages.open_material": NOBODY,
    "packages.another": NOBODY,
    "packages.report": NOBODY,  # a session opens nothing there; the token of an attempt does
    # figures
    "statistics.desk": DESK,
    "statistics.definitions": DESK,
    "statistics.all_states": DESK,
    "statistics.own_state": frozenset({"coordinator", "coordinator-elsewhere"}),
    "statistics.own_region": frozenset({"regional-coordinator"}),
    "statistics.one_state": OF_THE_STATE,
    "statistics.one_state_csv": OF_THE_STATE,
    "statistics.one_state_json": OF_THE_STATE,
    "statistics.one_state_xlsx": OF_THE_STATE,
    "statistics.missing": OF_THE_STATE,
    "statistics.missing_csv": OF_THE_STATE,
    "statistics.enrolments": OF_THE_STATE,
    "statistics.enrolments_csv": OF_THE_STATE,
    "statistics.one_region": OF_THE_REGION,
    "statistics.one_region_csv": OF_THE_REGION,
    "statistics.one_region_json": OF_THE_REGION,
    "statistics.one_region_xlsx": OF_THE_REGION,
    "statistics_api.indicators": NOBODY,  # a session opens nothing there; a token does
    "statistics_api.definitions": ANYONE,
    "statistics_api.openapi": ANYONE,
    "statistics_tokens.index": ADMINISTRATOR,
    "statistics_tokens.create": ADMINISTRATOR,
    "statistics_tokens.revoke": ADMINISTRATOR,
    # people
    "accounts.people": ADMINISTRATOR,
    "accounts.one_person": ADMINISTRATOR,
    "accounts.grant": ADMINISTRATOR,
    "accounts.revoke": ADMINISTRATOR,
    "accounts.deactivate": ADMINISTRATOR,
    "accounts.reactivate": ADMINISTRATOR,
    "accounts.forget_second_factor": ADMINISTRATOR,
}
LAST = (  # they change what the others look at
    *("materials.retire", "learning.submit", "learning.result", "learning.enrol"),
    *("forum.withdraw", "forum.withdraw_answer"),
    *("authoring.apply_drop", "authoring.leave_drop", "authoring.discard"),
)


@pytest.fixture
def world(app: Flask) -> World:
    return build(app)


def test_the_table_names_every_route_and_no_other(app: Flask) -> None:
    assert set(ALLOWED) == {rule.endpoint for rule in app.url_map.iter_rules()}


def test_everybody_gets_where_the_table_says_and_nowhere_else(world: World) -> None:
    """A route × everybody, on an object of the state of the first coordinator: 404 for who is not in the table."""
    browsers = {who: world.browser(who) for who in EVERYBODY}
    fields = {"learning.save": {"client_key": "one", "question": world.question}}  # else no attempt is looked for
    wrong = []
    for rule, method in sorted(routes(world.app), key=lambda one: (one[0].endpoint in LAST, one[0].endpoint)):
        for who in EVERYBODY:
            answer = browsers[who].open(world.path(rule), method, **fields.get(rule.endpoint, {}))
            allowed = who in ALLOWED[rule.endpoint]
            if not (let_in(answer) if allowed else kept_out(answer, rule, method, who)):
                wrong.append(f"{who} {method} {rule}: {answer.status_code} {answer.headers.get('Location', '')}")
            if rule.endpoint == "accounts.sign_out" and method == "POST":
                browsers[who] = world.browser(who)
    assert not wrong


def let_in(answer: TestResponse) -> bool:
    """Served, sent on, or told what the form lacks."""
    return answer.status_code < 400 or answer.status_code in {400, 409, 422}


def kept_out(answer: TestResponse, rule: Rule, method: str, who: str) -> bool:
    """A visitor is asked to sign in where there is something for accounts; for anybody else it does not exist."""
    if rule.endpoint.startswith("statistics_api.") or rule.endpoint == "packages.report":
        return answer.status_code == 401
    if who == VISITOR and rule.endpoint not in {"accounts.setup", "security.two_factor_rescue"}:
        asked = answer.status_code == 302 and answer.headers["Location"].startswith("/entrar?next=/")
        return asked if method == "GET" else answer.status_code == 401
    return answer.status_code == 404
