"""The verbs of this room. All of them run inside the caller's transaction and get actor and moment as arguments."""

from __future__ import annotations

from webapp.accounts.services.account import change_details as change_details
from webapp.accounts.services.account import choose_invitations as choose_invitations
from webapp.accounts.services.account import drop_personal_email as drop_personal_email
from webapp.accounts.services.account import request_password_reset as request_password_reset
from webapp.accounts.services.account import set_language as set_language
from webapp.accounts.services.account import set_personal_email as set_personal_email
from webapp.accounts.services.account import set_work_email as set_work_email
from webapp.accounts.services.affiliations import change_workplace as change_workplace
from webapp.accounts.services.affiliations import decide_request as decide_request
from webapp.accounts.services.affiliations import join as join
from webapp.accounts.services.codes import note_refused_code as note_refused_code
from webapp.accounts.services.codes import redeem_code as redeem_code
from webapp.accounts.services.codes import send_code as send_code
from webapp.accounts.services.people import Registration as Registration
from webapp.accounts.services.people import accept_notice as accept_notice
from webapp.accounts.services.people import create_person as create_person
from webapp.accounts.services.people import person_of_address as person_of_address
from webapp.accounts.services.people import register as register
from webapp.accounts.services.privacy import sync_privacy_notice as sync_privacy_notice
from webapp.accounts.services.roles import deactivate as deactivate
from webapp.accounts.services.roles import forget_second_factor as forget_second_factor
from webapp.accounts.services.roles import grant_role as grant_role
from webapp.accounts.services.roles import reactivate as reactivate
from webapp.accounts.services.roles import revoke_role as revoke_role
from webapp.accounts.services.sessions import end_session as end_session
from webapp.accounts.services.sessions import end_sessions as end_sessions
from webapp.accounts.services.sessions import open_session as open_session
from webapp.accounts.services.setup import ensure_setup_code as ensure_setup_code
from webapp.accounts.services.setup import needs_setup as needs_setup
from webapp.accounts.services.setup import redeem_setup_code as redeem_setup_code
