-- Gone with its bytes; mails that show it show its words from now on.
delete from picture where workspace_id = %(workspace_id)s and image_id = %(image_id)s
