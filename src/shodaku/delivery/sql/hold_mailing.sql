-- Before it is paused or stopped: who has it go once more to some of its people at this moment is waited for, and seen by the next statement.
select mailing_id from mailing where workspace_id = %(workspace_id)s and mailing_id = %(mailing_id)s for no key update
