-- Workers that said within half a minute that they live; each takes jobs of one queue.
select count(*)::int from procrastinate_workers where last_heartbeat > clock_timestamp() - interval '30 seconds'
