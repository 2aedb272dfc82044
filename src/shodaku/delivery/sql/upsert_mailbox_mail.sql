-- After the act: a mail that was done is asked for no more. Between the two a second reading does the same once more, and changes nothing.
insert into mailbox_mail (workspace_id, name, mail, state, tries, at)
values (%(workspace_id)s, %(name)s, %(mail)s, %(state)s, 1, %(now)s)
on conflict (workspace_id, name, mail) do update set state = excluded.state, tries = least(mailbox_mail.tries + 1, 1000), at = excluded.at
returning tries
