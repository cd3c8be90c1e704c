"""Pages about constancias: one's own, the public verification, and what the staff does with them."""

from __future__ import annotations

import zipfile
from datetime import timedelta
from decimal import Decimal
from io import BytesIO

from flask import Blueprint, Response, abort, current_app, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.exceptions import Conflict, HTTPException, TooManyRequests

from webapp.accounts import identity
from webapp.accounts.errors import AccountsError
from webapp.accounts.models import ObligedSubjectRequest, Person
from webapp.accounts.services import decide_request
from webapp.core.access import current_actor, current_zone, public, role, signed_in
from webapp.core.clock import local_date, now
from webapp.core.db import db, transaction
from webapp.core.storage import storage
from webapp.core.throttle import ProcessWindow
from webapp.core.web import csrf
from webapp.organizations.names import search_key
from webapp.organizations.queries import obliged_subject_by_public_id
from webapp.records import policies, queries, services
from webapp.records.codes import clean_code, mask_name
from webapp.records.documents import document_of, signer
from webapp.records.forms import DeclineForm, LinkForm, RevokeForm
from webapp.records.models import Constancia
from webapp.records.names import visible
from webapp.records.pdf import UnprintableText, render

blueprint = Blueprint("records", __name__)

DOWNLOADABLE = frozenset({"vigente", "vencida"})
LONGEST_WRITTEN, LONGEST_CODE = 200, 40

# What a machine could harvest by: codes tried, folios (which are consecutive) looked up, names compared. Counted by
# network. Whoever holds the code of a paper gets its page in any case.
GUESS_WINDOW = timedelta(minutes=10)
GUESSES = 30


def new_guesses() -> ProcessWindow:
    """Where one application counts them."""
    return ProcessWindow(GUESSES, GUESS_WINDOW)


def _person() -> Person:
    person = current_actor()
    if not isinstance(person, Person):
        abort(401)
    return person


def _conflict(error: services.RecordsError | AccountsError) -> HTTPException:
    refusal = Conflict(str(error.text))
    refusal.aula_code = error.code  # type: ignore[attr-defined]
    return refusal


def _count_guess() -> None:
    """Count one guess of this network; 429 when it has none left."""
    guesses: ProcessWindow = current_app.extensions["verification_guesses"]
    network = identity.network()
    if guesses.is_full(network):
        raise TooManyRequests(retry_after=int(GUESS_WINDOW.total_seconds()))
    guesses.hit(network)


# --- one's own --------------------------------------------------------------------------------------------------


@blueprint.get("/mis-constancias")
@signed_in
def mine() -> ResponseReturnValue:
    """Every constancia of a person, with hours, and one ZIP of all."""
    session = db.session()
    person = _person()
    rows = queries.constancias_of(session, person.id)
    cards = [(row, queries.state_of(row, queries.today_of(session, row))) for row in rows]
    shown = [row for row, state in cards if state in DOWNLOADABLE]
    return render_template(
        "records/mine.html",
        cards=cards,
        hours=sum((row.accreditation.hours for row in shown), start=Decimal(0)),
        downloadable=len(shown),
        present_name=visible(person.full_name),
        problem=services.name_problem(person.full_name),
    )


def _own(session: Session, code: str) -> Constancia:
    found = session.scalars(policies.owned_by(_person()).where(Constancia.code == code)).first()
    if found is None:
        abort(404)
    return found


@blueprint.get("/mis-constancias/<code>.pdf")
@signed_in
def download(code: str) -> ResponseReturnValue:
    """The signed document."""
    row = _own(db.session(), code)
    response = Response(_file(row), mimetype="application/pdf")
    response.headers["Content-Disposition"] = f'attachment; filename="{_file_name(row)}"'
    return response


def _file(row: Constancia) -> bytes:
    """The kept file, or one made now when the job has not come to it yet or the file was lost."""
    if row.pdf_key is not None:
        try:
            return storage().get(row.pdf_key)
        except FileNotFoundError:
            current_app.logger.error("the file of constancia %s is missing", row.folio)
    try:
        return render(document_of(row.snapshot, current_app.config["BASE_URL"]), signer(current_app.config))
    except UnprintableText as reason:
        raise _conflict(services.undrawable_error(reason.characters)) from reason


def _file_name(row: Constancia) -> str:
    return f"constancia-{row.folio.lower()}.pdf"


@blueprint.get("/mis-constancias.zip")
@signed_in
def download_all() -> ResponseReturnValue:
    """The documents that are in use, in one file."""
    session = db.session()
    rows = [
        row
        for row in queries.constancias_of(session, _person().id)
        if queries.state_of(row, queries.today_of(session, row)) in DOWNLOADABLE
    ]
    if not rows:
        abort(404)
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        for row in rows:
            archive.writestr(_file_name(row), _file(row))
    response = Response(packed.getvalue(), mimetype="application/zip")
    response.headers["Content-Disposition"] = 'attachment; filename="constancias.zip"'
    return response


@blueprint.post("/mis-constancias/<code>/reexpedir")
@signed_in
def reissue(code: str) -> ResponseReturnValue:
    """The same constancia under the person's present name."""
    with transaction() as session:
        try:
            new = services.reissue(session, _own(session, code), _person(), now())
        except services.RecordsError as error:
            raise _conflict(error) from error
    flash(_("Tu constancia lleva ahora tu nombre actual. La anterior quedó como sustituida."), "success")
    return redirect(f"/mis-constancias#{new.code}", 303)


# --- verification -----------------------------------------------------------------------------------------------


@blueprint.get("/verificar")
@public
def ask_code() -> ResponseReturnValue:
    """Where a folio or code off the paper is typed."""
    written = _written("codigo")
    if not written:
        return render_template("records/ask_code.html")
    session = db.session()
    found = queries.constancia_by_code(session, clean_code(written))
    if found is None:
        _count_guess()
        found = queries.constancia_by_folio(session, written)
    return redirect(f"/verificar/{found.code if found is not None else clean_code(written)[:LONGEST_CODE] or '-'}")


def _written(field: str) -> str:
    """What was typed into a search field, without what no folio or code holds."""
    return visible(request.args.get(field, ""))[:LONGEST_WRITTEN]


@blueprint.get("/verificar/<code>")
@public
def verify(code: str) -> ResponseReturnValue:
    """In one word and one line: is this constancia real?"""
    return _verdict(code, None)


@blueprint.post("/verificar/<code>")
@csrf.exempt  # type: ignore[untyped-decorator]  # it changes nothing, and a visitor who only asks should get no cookie for it
@public
def compare_name(code: str) -> ResponseReturnValue:
    """Does the name on the paper agree? Sent by POST, so that no name ends up in an address or a log."""
    return _verdict(code, request.form.get("nombre", "")[:250])


def _verdict(code: str, name: str | None) -> ResponseReturnValue:
    session = db.session()
    found = queries.constancia_by_code(session, clean_code(code))
    if found is None or name is not None:  # names may be guessed at as well
        _count_guess()
    if found is None:
        response = Response(render_template("records/verdict.html", constancia=None, verdict="no-existe"), status=404)
    else:
        state = queries.state_of(found, queries.today_of(session, found))
        next_one = queries.successor(session, found.id) if state == "sustituida" else None
        page = render_template(
            "records/verdict.html",
            constancia=found,
            verdict=state,
            issuer=queries.issuer(session, found),
            masked=mask_name(found.name),
            agrees=None if name is None else search_key(name) == search_key(found.name),
            successor=next_one,
        )
        response = Response(page)
    response.headers["X-Robots-Tag"] = "noindex"
    return response


# --- staff ------------------------------------------------------------------------------------------------------


@blueprint.get("/administracion/constancias")
@role("administrator")
def search() -> ResponseReturnValue:
    """Find a constancia by folio or code."""
    written = _written("q")
    session = db.session()
    found = queries.constancia_by_folio(session, written) or queries.constancia_by_code(session, clean_code(written))
    state = queries.state_of(found, queries.today_of(session, found)) if found is not None else None
    return render_template("records/search.html", written=written, found=found, state=state, form=RevokeForm())


@blueprint.post("/administracion/constancias/<code>/revocar")
@role("administrator")
def revoke(code: str) -> ResponseReturnValue:
    form = RevokeForm()
    session = db.session()
    found = queries.constancia_by_code(session, clean_code(code))
    if found is None or not policies.can_revoke(_person()):
        abort(404)
    if not form.validate_on_submit():
        state = queries.state_of(found, queries.today_of(session, found))
        return render_template("records/search.html", written=code, found=found, state=state, form=form), 422
    with transaction() as writing:
        try:
            services.revoke(writing, _person(), writing.get_one(Constancia, found.id), form.reason.data or "", now())
        except services.RecordsError as error:
            raise _conflict(error) from error
    flash(_("La constancia quedó revocada y la persona recibió un correo con el motivo."), "success")
    return redirect(f"/administracion/constancias?q={found.code}", 303)


@blueprint.get("/coordinacion/solicitudes")
@role("coordinator", "regional-coordinator", "administrator")
def requests() -> ResponseReturnValue:
    """Who wrote «no lo encuentro», in the states of one's scope."""
    session = db.session()
    rows = session.scalars(
        policies.requests_visible_to(session, _person())
        .where(ObligedSubjectRequest.state == "open")
        .order_by(ObligedSubjectRequest.created_at)
        .limit(200)
    ).all()
    people = {p.id: p for p in session.scalars(select(Person).where(Person.id.in_({row.person_id for row in rows})))}
    return render_template("records/requests.html", rows=rows, people=people)


def _request_or_404(session: Session, public_id: str) -> ObligedSubjectRequest:
    found = session.scalars(
        policies.requests_visible_to(session, _person()).where(ObligedSubjectRequest.public_id == public_id)
    ).first()
    if found is None:
        abort(404)
    return found


def _already_decided() -> ResponseReturnValue:
    flash(_("Esa solicitud ya tiene respuesta."), "info")
    return redirect("/coordinacion/solicitudes", 303)


@blueprint.get("/coordinacion/solicitudes/<public_id>")
@role("coordinator", "regional-coordinator", "administrator")
def one_request(public_id: str) -> ResponseReturnValue:
    row = _request_or_404(db.session(), public_id)
    if row.state != "open":
        return _already_decided()
    form = LinkForm(obliged_subject_name=row.written_name, valid_from=local_date(row.created_at, current_zone()))
    return _request_page(row, form, DeclineForm(), 200)


def _request_page(
    row: ObligedSubjectRequest, form: LinkForm, decline_form: DeclineForm, status: int
) -> ResponseReturnValue:
    person = db.session().get_one(Person, row.person_id)
    page = render_template("records/request.html", row=row, person=person, form=form, decline_form=decline_form)
    return page, status


@blueprint.post("/coordinacion/solicitudes/<public_id>/vincular")
@role("coordinator", "regional-coordinator", "administrator")
def link(public_id: str) -> ResponseReturnValue:
    """Tie the person to an obliged subject from a date, and correct what was accredited since without one."""
    form = LinkForm()
    with transaction() as session:
        row = _request_or_404(session, public_id)
        if row.state != "open":
            return _already_decided()
        subject = obliged_subject_by_public_id(session, form.obliged_subject.data or "")
        if not form.validate_on_submit() or subject is None or subject.state_id != row.federal_state_id:
            if subject is None or subject.state_id != row.federal_state_id:
                form.obliged_subject_name.errors = [
                    *form.obliged_subject_name.errors,
                    _("Elige de la lista un sujeto obligado de ese estado."),
                ]
            return _request_page(row, form, DeclineForm(formdata=None), 422)
        valid_from = form.valid_from.data or row.created_at.date()
        try:
            corrected = services.link_obliged_subject(session, _person(), row, subject, valid_from, now())
        except AccountsError as error:
            if error.code == "request_decided":  # somebody else was quicker
                raise _conflict(error) from error
            form.valid_from.errors = [str(error.text)]
            return _request_page(row, form, DeclineForm(formdata=None), 422)
    flash(
        _("Listo: la persona quedó vinculada. Constancias que ahora cuentan ahí: %(n)d.", n=len(corrected)), "success"
    )
    return redirect("/coordinacion/solicitudes", 303)


@blueprint.post("/coordinacion/solicitudes/<public_id>/rechazar")
@role("coordinator", "regional-coordinator", "administrator")
def decline(public_id: str) -> ResponseReturnValue:
    form = DeclineForm()
    with transaction() as session:
        row = _request_or_404(session, public_id)
        if row.state != "open":
            return _already_decided()
        if not form.validate_on_submit():
            return _request_page(row, LinkForm(formdata=None, obliged_subject_name=row.written_name), form, 422)
        try:
            decide_request(
                session, _person(), row, obliged_subject=None, valid_from=None, reason=form.reason.data or "", now=now()
            )
        except AccountsError as error:  # somebody else was quicker
            raise _conflict(error) from error
    flash(_("Listo: la persona recibió el motivo."), "success")
    return redirect("/coordinacion/solicitudes", 303)
