-- What each epoch makes of a fixed text.
select epoch, mark from pepper_check order by epoch
