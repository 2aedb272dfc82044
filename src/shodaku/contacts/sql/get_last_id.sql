-- The highest number that was given out; one that is not used yet counts as given.
select last_value from contact_id_seq
