-- Asked again: the link of before opens nothing any more.
delete from invitation where workspace_id = %(workspace_id)s and email = %(email)s
