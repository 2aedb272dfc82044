-- One purchase.
insert into purchase (workspace_id, contact_id, title, amount_yen, at) values (%(workspace_id)s, %(contact_id)s, %(title)s, %(amount_yen)s, %(at)s)
