-- The tokens of this workspace have one layer more.
update workspace set pepper_epoch = %(epoch)s where workspace_id = %(workspace_id)s and pepper_epoch < %(epoch)s
