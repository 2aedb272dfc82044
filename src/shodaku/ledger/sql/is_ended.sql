-- Has this epoch ended?
select exists (select from ended_epoch where purpose = %(purpose)s and epoch = %(epoch)s)
