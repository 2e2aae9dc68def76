-- Which instance carries, while it does, and what the others must have in common with it.
create table if not exists carrier (
  id int primary key,
  host varchar(255) not null,
  version varchar(100) not null,
  network varchar(10000) not null,
  domains varchar(500000) not null,
  since timestamp(6) with time zone not null
);
