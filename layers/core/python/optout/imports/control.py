"""Control an import through an API: create it, check its file, start the addition. Every call may be repeated."""

from collections.abc import Callable

from optout import number
from optout.backoff import ATTEMPTS, pause
from optout.errors import AlreadyStarted, Conflict, FileChanged, NotChecked, NotFound, NotUploaded, Unavailable
from optout.imports.job import File, Files, Import, Imports, State
from optout.queue import Queue


def begin(imports: Imports, workspace: str, newsletter: str) -> Import:
    """A new import, waiting for its file."""
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


def check(imports: Imports, files: Files, queue: Queue, workspace: str, wanted: int | None) -> Import:
    """Enqueue a check of the file, which adds nothing. Raises `NotUploaded` or `AlreadyStarted`."""

    def decide(job: Import) -> Import:
        if job.state in (State.ADDING, State.FINISHED):
            raise AlreadyStarted
        file = _require_file(files, job)
        return job if job.state is State.CHECKING and job.file == file else job.start(State.CHECKING, file)

    return _save_and_enqueue(imports, queue, workspace, wanted, decide)


def start(imports: Imports, files: Files, queue: Queue, workspace: str, wanted: int | None) -> Import:
    """Enqueue the addition of the checked file. Raises `NotUploaded`, `NotChecked` or `FileChanged`."""

    def decide(job: Import) -> Import:
        if job.state in (State.ADDING, State.FINISHED):
            return job
        if job.state is not State.CHECKED:
            raise NotChecked
        file = _require_file(files, job)
        if file != job.file:
            raise FileChanged
        return job.start(State.ADDING, file)

    return _save_and_enqueue(imports, queue, workspace, wanted, decide)


def _save_and_enqueue(
    imports: Imports, queue: Queue, workspace: str, wanted: int | None, decide: Callable[[Import], Import]
) -> Import:
    """The state is saved before the job is enqueued; if enqueuing fails, the client's retry enqueues it."""
    for attempt in range(ATTEMPTS):
        job = require(imports, workspace, wanted)
        decided = decide(job)
        try:
            job = job if decided == job else imports.save(decided)
        except Conflict:
            pause(attempt)
            continue
        if job.state.reads:
            queue.send([{"import": job.number}])
        return job
    raise Unavailable


def _require_file(files: Files, job: Import) -> File:
    file = files.find(job.number)
    if file is None:
        raise NotUploaded
    return file
