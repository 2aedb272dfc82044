-- What came back before somebody said that the address is alive counts no more. No report can carry this status: theirs are digits, or in small letters.
insert into feedback (workspace_id, contact_id, kind, status, mailing_id, at)
values (%(workspace_id)s, %(contact_id)s, 'other', 'RESTORED', 0, %(now)s)
