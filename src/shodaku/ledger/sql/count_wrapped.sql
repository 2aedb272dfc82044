-- How many keys hang on each key file.
select 'kek' as purpose, epoch, count(*) from person_key group by epoch
union all
select 'hold', epoch, count(*) from hold_key group by epoch
