-- The rotation that was begun and not finished, and the highest number that was ever given: none is used twice.
select (select max(epoch) from key_rotation where purpose = %(purpose)s and finished_at is null) as unfinished,
       greatest((select max(epoch) from key_rotation where purpose = %(purpose)s),
                (select max(epoch) from ended_epoch where purpose = %(purpose)s), 0) as highest
