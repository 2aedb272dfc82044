-- Epochs that ended, whose file may still be there and of which the ledgers may not know yet.
select purpose, epoch from ended_epoch where recorded_at is null order by ended_at
