-- Whether the workspace shows this picture as its logo.
select exists (select from brand where workspace_id = %(workspace_id)s and logo = %(image_id)s)
