"""The import queue: check or add the rows of an uploaded file, and continue where the last run stopped."""

from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from optout.imports.job import State
from optout.runtime.observability import logger
from optout.runtime.worker import SecondsLeft, count, entrypoint
from optout.wiring.imports import import_queue, import_run


def import_file(record: SQSRecord, seconds_left: SecondsLeft) -> None:
    number = record.json_body["import"]
    logger.append_keys(file_import=number)
    ran = import_run().run(number, seconds_left)
    if ran.unfinished:
        import_queue().send([{"import": number}])
    adds = ran.state in (State.ADDING, State.FINISHED)
    count(
        SubscriberImported=ran.tally.new if adds else 0,
        RowRejected=ran.tally.rejected if adds else 0,
        ImportFinished=int(ran.state is State.FINISHED),
        ImportFailed=int(ran.state is State.FAILED),
    )
    logger.info("read", state=ran.state, rows=ran.tally.rows, new=ran.tally.new, rejected=ran.tally.rejected)


handler = entrypoint(import_file)
