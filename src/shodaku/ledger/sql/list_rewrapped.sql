-- What a rotation did, by workspace, however often it was cut off.
select workspace_id, keys from rewrapped where purpose = %(purpose)s and epoch = %(epoch)s
