"""How an import is asked for: a place for its file, then the check, then the addition."""

from collections.abc import Callable

from optout import number
from optout.backoff import ATTEMPTS, pause
from optout.errors import AlreadyStarted, Conflict, FileChanged, NotChecked, NotFound, NotUploaded, Unavailable
from optout.imports.job import File, Files, Import, Imports, State
from optout.queue import Doorbell


def begin(imports: Imports, workspace: str, newsletter: str) -> Import:
    """A new import, which waits for its file."""
    for _ in range(ATTEMPTS):
        job = Import(workspace, newsletter, number.new())
        try:
            imports.create(job)
        except Conflict:
            continue
        return job
    raise Unavailable


def require(imports: Imports, workspace: str, wanted: int | None) -> Import:
    """An import of this workspace; raises `NotFound`."""
    job = None if wanted is None else imports.get(wanted)
    if job is None or job.workspace != workspace:
        raise NotFound
    return job


def check(imports: Imports, files: Files, doorbell: Doorbell, workspace: str, wanted: int | None) -> Import:
    """Have the file read, without writing anything; asking again is fine. Raises `NotUploaded` or `AlreadyStarted`."""

    def decide(job: Import) -> Import:
        if job.state in (State.ADDING, State.FINISHED):
            raise AlreadyStarted
        file = _require_file(files, job)
        return job if job.state is State.CHECKING and job.file == file else job.begun(State.CHECKING, file)

    return _asked(imports, doorbell, workspace, wanted, decide)


def start(imports: Imports, files: Files, doorbell: Doorbell, workspace: str, wanted: int | None) -> Import:
    """Have the people of the checked file added; asking again is fine. Raises `NotUploaded`, `NotChecked` or
    `FileChanged`."""

    def decide(job: Import) -> Import:
        if job.state in (State.ADDING, State.FINISHED):
            return job
        if job.state is not State.CHECKED:
            raise NotChecked
        file = _require_file(files, job)
        if file != job.file:
            raise FileChanged
        return job.begun(State.ADDING, file)

    return _asked(imports, doorbell, workspace, wanted, decide)


def _asked(
    imports: Imports, doorbell: Doorbell, workspace: str, wanted: int | None, decide: Callable[[Import], Import]
) -> Import:
    """What was decided is written before it is rung for: a doorbell that fails is pressed by whoever asks again."""
    for attempt in range(ATTEMPTS):
        job = require(imports, workspace, wanted)
        decided = decide(job)
        try:
            job = job if decided == job else imports.save(decided)
        except Conflict:
            pause(attempt)
            continue
        if job.state.reads:
            doorbell.ring([{"import": job.number}])
        return job
    raise Unavailable


def _require_file(files: Files, job: Import) -> File:
    file = files.find(job.number)
    if file is None:
        raise NotUploaded
    return file
