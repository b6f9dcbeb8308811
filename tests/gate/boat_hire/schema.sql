CREATE TABLE harbours (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  country TEXT NOT NULL CHECK (length(country) = 2)
) STRICT;
CREATE TABLE boats (
  id TEXT PRIMARY KEY,
  harbour_id TEXT NOT NULL REFERENCES harbours (id),
  name TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('sail', 'motor', 'rowing')),
  berths INTEGER NOT NULL CHECK (berths > 0),
  licence_required INTEGER NOT NULL CHECK (licence_required IN (0, 1)),
  day_cents INTEGER NOT NULL CHECK (day_cents > 0),
  status TEXT NOT NULL CHECK (status IN ('ready', 'service')),
  rating REAL CHECK (rating BETWEEN 1 AND 5),
  rating_count INTEGER NOT NULL CHECK (rating_count >= 0)
) STRICT;
CREATE TABLE customers (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  email TEXT NOT NULL UNIQUE,
  licence INTEGER NOT NULL CHECK (licence IN (0, 1)),
  club INTEGER NOT NULL CHECK (club IN (0, 1))
) STRICT;
CREATE TABLE gear (
  id TEXT PRIMARY KEY,
  harbour_id TEXT NOT NULL REFERENCES harbours (id),
  name TEXT NOT NULL,
  stock INTEGER NOT NULL CHECK (stock > 0),
  free INTEGER NOT NULL CHECK (free BETWEEN 0 AND stock),
  price_cents INTEGER NOT NULL CHECK (price_cents > 0)
) STRICT;
CREATE TABLE hires (
  id TEXT PRIMARY KEY,
  customer_id TEXT NOT NULL REFERENCES customers (id),
  boat_id TEXT NOT NULL REFERENCES boats (id),
  start_date TEXT NOT NULL CHECK (date(start_date, '+0 days') IS start_date),
  end_date TEXT NOT NULL CHECK (date(end_date, '+0 days') IS end_date),
  crew INTEGER NOT NULL CHECK (crew > 0),
  status TEXT NOT NULL CHECK (status IN ('pending', 'confirmed', 'completed', 'cancelled')),
  notes TEXT,
  total_cents INTEGER NOT NULL CHECK (total_cents > 0),
  created_at TEXT NOT NULL,
  cancelled_at TEXT,
  CHECK (end_date > start_date),
  CHECK ((cancelled_at IS NOT NULL) = (status = 'cancelled'))
) STRICT;
CREATE TABLE hire_gear (
  hire_id TEXT NOT NULL REFERENCES hires (id),
  gear_id TEXT NOT NULL REFERENCES gear (id),
  quantity INTEGER NOT NULL CHECK (quantity > 0),
  PRIMARY KEY (hire_id, gear_id)
) STRICT;
CREATE TABLE payments (
  id TEXT PRIMARY KEY,
  hire_id TEXT NOT NULL REFERENCES hires (id),
  kind TEXT NOT NULL CHECK (kind IN ('charge', 'refund')),
  method TEXT NOT NULL CHECK (method IN ('card', 'transfer', 'invoice')),
  amount_cents INTEGER NOT NULL CHECK (amount_cents > 0),
  paid_at TEXT NOT NULL
) STRICT;
CREATE TABLE ratings (
  id TEXT PRIMARY KEY,
  hire_id TEXT NOT NULL UNIQUE REFERENCES hires (id),
  stars INTEGER NOT NULL CHECK (stars BETWEEN 1 AND 5),
  comment TEXT,
  created_at TEXT NOT NULL
) STRICT;
