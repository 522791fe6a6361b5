-- The whole path of a booking, as it is from here on; posting.sql and posting_lighter.sql are what it was before.
--
--   ledger_post       one transfer: two balances, two rows
--   ledger_post_many  whatever else: many transactions, of any number of transfers
--   ledger_begin      what both begin with
--   ledger_gather     where a pool's own stripe does not hold enough
--   ledger_known      where there is nothing to book
DROP FUNCTION ledger_begin, ledger_lock, ledger_move, ledger_post, ledger_gather;

-- Opening an account makes its balances, so that posting only ever locks rows that exist. They know its book and how many
-- of them there are, so that posting reads nothing else: an account never changes its book or its stripes.
CREATE OR REPLACE FUNCTION ledger_account_opened() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    INSERT INTO ledger_balance (account_id, stripe, amount, moves, below_zero, book_id, stripes)
    SELECT NEW.id, stripe, 0, 0, NEW.kind = 'source', NEW.book_id, NEW.stripes
    FROM generate_series(0, NEW.stripes - 1) stripe;
    RETURN NULL;
END $$;

-- A transaction that books a second time holds locks of the first: from then on it waits for nobody, and deadlocks cannot
-- come about. Whoever needs several bookings at once gives them in one call, where they are locked in order.
CREATE FUNCTION ledger_begin() RETURNS text LANGUAGE sql AS $$
    SELECT CASE current_setting('ledger.posted', true)
        WHEN pg_current_xact_id()::text THEN set_config('lock_timeout', '20ms', true)
        ELSE set_config('ledger.posted', pg_current_xact_id()::text, true)
    END
$$;

-- Bring together on one stripe of a pool what is to be taken from it at once: lines of the same transaction, from stripe to
-- stripe; false where there is not so much. It comes after other locks, so it waits for nobody; whoever finds the pool busy
-- tries the whole again.
CREATE FUNCTION ledger_gather(p_account bigint, own int, needed bigint, p_transaction bigint, first_line int)
RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    lacking bigint; part bigint; da bigint; ca bigint; dn bigint; cn bigint;
    i int := first_line;
    other record;
BEGIN
    PERFORM set_config('lock_timeout', '20ms', true);
    PERFORM FROM ledger_balance b WHERE b.account_id = p_account ORDER BY b.stripe FOR UPDATE;
    SELECT needed - b.amount INTO lacking FROM ledger_balance b WHERE b.account_id = p_account AND b.stripe = own;
    FOR other IN
        SELECT b.stripe, b.amount FROM ledger_balance b
        WHERE b.account_id = p_account AND b.stripe <> own AND b.amount > 0 ORDER BY b.amount DESC, b.stripe
    LOOP
        EXIT WHEN lacking <= 0;
        -- half of what is there comes along, so that the next booking need not gather again
        part := least(other.amount, greatest(lacking, other.amount / 2));
        UPDATE ledger_balance b SET amount = b.amount - part, moves = b.moves + 1
            WHERE b.account_id = p_account AND b.stripe = other.stripe RETURNING b.amount, b.moves INTO da, dn;
        UPDATE ledger_balance b SET amount = b.amount + part, moves = b.moves + 1
            WHERE b.account_id = p_account AND b.stripe = own RETURNING b.amount, b.moves INTO ca, cn;
        INSERT INTO ledger_transfer (
            transaction_id, line, debit_id, credit_id, amount, debit_stripe, credit_stripe, debit_after, credit_after,
            debit_move, credit_move
        ) VALUES (p_transaction, i, p_account, p_account, part, other.stripe, own, da, ca, dn, cn);
        i := i + 1;
        lacking := lacking - part;
    END LOOP;
    RETURN lacking <= 0;
END $$;

-- Why a booking did not take its place: the book is closed for that day or is none, or the key was booked before. Gives the
-- number under which it was.
CREATE FUNCTION ledger_known(p_book bigint, p_key uuid, p_day date, p_mac bytea) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    closed date; number bigint; known bytea;
BEGIN
    SELECT b.closed_through INTO closed FROM ledger_book b WHERE b.id = p_book;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no such book' USING ERRCODE = 'LG404';
    ELSIF p_day <= closed THEN
        RAISE EXCEPTION 'closed through %', closed USING ERRCODE = 'LG423';
    END IF;
    SELECT t.id, t.mac INTO STRICT number, known FROM ledger_transaction t WHERE t.book_id = p_book AND t.key = p_key;
    IF known <> p_mac THEN
        RAISE EXCEPTION 'the key was used for something else' USING ERRCODE = 'LG409';
    END IF;
    RETURN number;
END $$;

-- One transaction of one transfer. Returns its number; below zero, the number under which the key was booked before.
-- Both balances are locked in the one order there is: the account with the lower number first.
CREATE FUNCTION ledger_post(
    p_book bigint, p_key uuid, p_kind text, p_day date, p_at timestamptz, p_by bigint, p_place text, p_about text,
    p_reverses bigint, p_mac bytea, d bigint, c bigint, x bigint, p_expires date
) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    begun text := ledger_begin();
    open text := pg_advisory_xact_lock_shared(7210204, p_book::int);  -- who closes the book takes it alone
    me int := pg_backend_pid();
    number bigint;
    ds int; cs int; da bigint; ca bigint; dn bigint; cn bigint;  -- of each side: stripe, held after it, which move of it
BEGIN
    IF p_reverses IS NOT NULL THEN
        PERFORM FROM ledger_transaction t WHERE t.id = p_reverses AND t.book_id = p_book;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'no such transaction in the book' USING ERRCODE = 'LG404';
        END IF;
    END IF;
    INSERT INTO ledger_transaction (book_id, key, kind, day, at, account_ref, place_code, about, reverses_id, mac)
    SELECT p_book, p_key, p_kind, p_day, p_at, p_by, p_place, p_about, p_reverses, p_mac
    FROM ledger_book b WHERE b.id = p_book AND (b.closed_through IS NULL OR b.closed_through < p_day)
    ON CONFLICT (book_id, key) DO NOTHING RETURNING id INTO number;
    IF number IS NULL THEN
        RETURN -ledger_known(p_book, p_key, p_day, p_mac);
    END IF;
    IF c < d THEN
        UPDATE ledger_balance b SET amount = b.amount + x, moves = b.moves + 1
        WHERE b.account_id = c AND b.book_id = p_book AND b.stripe = me % b.stripes
        RETURNING b.stripe, b.amount, b.moves INTO cs, ca, cn;
    END IF;
    LOOP
        UPDATE ledger_balance b SET amount = b.amount - x, moves = b.moves + 1
        WHERE b.account_id = d AND b.book_id = p_book AND b.stripe = me % b.stripes AND (b.amount >= x OR b.below_zero)
        RETURNING b.stripe, b.amount, b.moves INTO ds, da, dn;
        EXIT WHEN FOUND;
        SELECT b.stripe INTO ds FROM ledger_balance b
        WHERE b.account_id = d AND b.book_id = p_book AND b.stripe = me % b.stripes;
        EXIT WHEN NOT FOUND;
        IF NOT ledger_gather(d, ds, x, number, 100000) THEN
            RAISE EXCEPTION 'the account holds less' USING ERRCODE = 'LG402';
        END IF;
    END LOOP;
    IF d < c THEN
        UPDATE ledger_balance b SET amount = b.amount + x, moves = b.moves + 1
        WHERE b.account_id = c AND b.book_id = p_book AND b.stripe = me % b.stripes
        RETURNING b.stripe, b.amount, b.moves INTO cs, ca, cn;
    END IF;
    IF da IS NULL OR ca IS NULL THEN
        RAISE EXCEPTION 'no such account in the book' USING ERRCODE = 'LG404';
    END IF;
    INSERT INTO ledger_transfer (
        transaction_id, line, debit_id, credit_id, amount, debit_stripe, credit_stripe, debit_after, credit_after,
        debit_move, credit_move, expires_on
    ) VALUES (number, 1, d, c, x, ds, cs, da, ca, dn, cn, p_expires);
    RETURN number;
END $$;

-- This connection's stripe of each account, locked in the one order there is, as it then stands.
CREATE FUNCTION ledger_lock(p_book bigint, accounts bigint[]) RETURNS SETOF ledger_balance LANGUAGE plpgsql AS $$
BEGIN
    RETURN QUERY SELECT b.* FROM ledger_balance b
    WHERE b.account_id = ANY (accounts) AND b.book_id = p_book AND b.stripe = pg_backend_pid() % b.stripes
    ORDER BY b.account_id, b.stripe FOR UPDATE;
END $$;

-- Many transactions of one book in a few statements: all of them or none. Those whose key is known already are passed over.
-- The arrays of transfers name their transaction by its place in the first arrays, from 1, in order.
CREATE OR REPLACE FUNCTION ledger_post_many(
    p_book bigint, p_by bigint, p_key uuid[], p_kind text[], p_day date[], p_at timestamptz, p_place text[],
    p_about text[], p_reverses bigint[], p_mac text[], p_of int[], p_debit bigint[], p_credit bigint[], p_amount bigint[],
    p_expires date[]
) RETURNS TABLE (id bigint, is_new boolean) LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    begun text := ledger_begin();
    open text := pg_advisory_xact_lock_shared(7210204, p_book::int);  -- who closes the book takes it alone
    numbers regclass := pg_get_serial_sequence('ledger_transaction', 'id');  -- found once, not for each
    closed date;
    bad int;
    ids bigint[];
    fresh boolean[];
    held ledger_balance[];
    low record;
    gathered bigint[] := '{}';
BEGIN
    SELECT b.closed_through INTO closed FROM ledger_book b WHERE b.id = p_book;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no such book' USING ERRCODE = 'LG404';
    ELSIF (SELECT min(day) FROM unnest(p_day) day) <= closed THEN
        RAISE EXCEPTION 'closed through %', closed USING ERRCODE = 'LG423';
    END IF;
    IF array_remove(p_reverses, NULL) <> '{}' THEN
        SELECT min(g.n) INTO bad FROM unnest(p_reverses) WITH ORDINALITY g(id, n) WHERE g.id IS NOT NULL
            AND NOT EXISTS (SELECT FROM ledger_transaction t WHERE t.id = g.id AND t.book_id = p_book);
        IF bad IS NOT NULL THEN
            RAISE EXCEPTION 'no such transaction in the book' USING ERRCODE = 'LG404', DETAIL = bad;
        END IF;
    END IF;
    -- numbered in the order given, written in the order of keys: two batches with keys in common never wait in a ring
    ids := ARRAY(SELECT nextval(numbers) FROM unnest(p_key));
    WITH made AS (
        INSERT INTO ledger_transaction (id, book_id, key, kind, day, at, account_ref, place_code, about, reverses_id, mac)
        SELECT g.id, p_book, g.key, g.kind, g.day, p_at, p_by, g.place, g.about, g.reverses, decode(g.mac, 'hex')
        FROM unnest(ids, p_key, p_kind, p_day, p_place, p_about, p_reverses, p_mac)
            g(id, key, kind, day, place, about, reverses, mac)
        ORDER BY g.key
        ON CONFLICT (book_id, key) DO NOTHING RETURNING ledger_transaction.id
    )
    SELECT array_agg(made.id IS NOT NULL ORDER BY g.n) INTO fresh
    FROM unnest(ids) WITH ORDINALITY g(id, n) LEFT JOIN made ON made.id = g.id;
    IF false = ANY (fresh) THEN
        SELECT min(g.n) INTO bad FROM unnest(p_key, p_mac) WITH ORDINALITY g(key, mac, n)
        JOIN ledger_transaction t ON t.book_id = p_book AND t.key = g.key WHERE t.mac <> decode(g.mac, 'hex');
        IF bad IS NOT NULL THEN
            RAISE EXCEPTION 'the key was used for something else' USING ERRCODE = 'LG409', DETAIL = bad;
        END IF;
        SELECT array_agg(t.id ORDER BY g.n) INTO ids
        FROM unnest(p_key) WITH ORDINALITY g(key, n) JOIN ledger_transaction t ON t.book_id = p_book AND t.key = g.key;
    END IF;
    LOOP
        held := ARRAY(SELECT b FROM ledger_lock(p_book, p_debit || p_credit) b);
        IF cardinality(held) <> (SELECT count(DISTINCT account) FROM unnest(p_debit || p_credit) account)
            OR EXISTS (SELECT FROM unnest(p_debit, p_credit) g(debit, credit) WHERE g.debit = g.credit) THEN
            SELECT min(g.tx) INTO bad FROM unnest(p_of, p_debit, p_credit) g(tx, debit, credit)
            LEFT JOIN unnest(held) d ON d.account_id = g.debit LEFT JOIN unnest(held) c ON c.account_id = g.credit
            WHERE g.debit = g.credit OR d.account_id IS NULL OR c.account_id IS NULL;
            RAISE EXCEPTION 'no such account in the book' USING ERRCODE = 'LG404', DETAIL = bad;
        END IF;
        WITH given AS MATERIALIZED (
            SELECT g.tx, g.n, g.debit, g.credit, g.amount, g.expires
            FROM unnest(p_of, p_debit, p_credit, p_amount, p_expires)
                WITH ORDINALITY g(tx, debit, credit, amount, expires, n)
            JOIN unnest(fresh) WITH ORDINALITY f(fresh, tx) ON f.tx = g.tx AND f.fresh
        ), sides AS (
            SELECT tx, n, debit AS account, -amount AS delta, false AS gives FROM given
            UNION ALL SELECT tx, n, credit, amount, true FROM given
        ), run AS MATERIALIZED (
            SELECT s.tx, s.n, s.gives, b.account_id, b.stripe, b.below_zero, b.amount AS held, s.delta,
                b.amount + sum(s.delta) OVER (PARTITION BY b.account_id ORDER BY s.n) AS after,
                b.moves + row_number() OVER (PARTITION BY b.account_id ORDER BY s.n) AS move
            FROM sides s JOIN unnest(held) b ON b.account_id = s.account
        ), short AS MATERIALIZED (
            SELECT run.tx, run.account_id, run.stripe,
                run.held - min(run.after) OVER (PARTITION BY run.account_id) AS needed
            FROM run WHERE run.after < 0 AND NOT run.below_zero ORDER BY run.n LIMIT 1
        ), moved AS (
            UPDATE ledger_balance b SET amount = b.amount + total.delta, moves = b.moves + total.moves
            FROM (SELECT account_id, stripe, sum(delta) AS delta, count(*) AS moves FROM run GROUP BY 1, 2) total
            WHERE b.account_id = total.account_id AND b.stripe = total.stripe AND NOT EXISTS (SELECT FROM short)
        ), written AS (
            INSERT INTO ledger_transfer (
                transaction_id, line, debit_id, credit_id, amount, debit_stripe, credit_stripe, debit_after, credit_after,
                debit_move, credit_move, expires_on
            )
            SELECT ids[g.tx], row_number() OVER (PARTITION BY g.tx ORDER BY g.n), g.debit, g.credit, g.amount,
                taken.stripe, given_to.stripe, taken.after, given_to.after, taken.move, given_to.move, g.expires
            FROM given g
            JOIN run taken ON taken.n = g.n AND NOT taken.gives
            JOIN run given_to ON given_to.n = g.n AND given_to.gives
            WHERE NOT EXISTS (SELECT FROM short)
        )
        SELECT short.* INTO low FROM short;
        EXIT WHEN NOT FOUND;
        -- what a pool lacks at its lowest is brought together, as much as there is, and the whole is tried again
        IF low.account_id = ANY (gathered) THEN
            RAISE EXCEPTION 'the account holds less' USING ERRCODE = 'LG402', DETAIL = low.tx;
        END IF;
        gathered := gathered || low.account_id;
        PERFORM ledger_gather(
            low.account_id, low.stripe, low.needed::bigint, ids[low.tx], 100000 * cardinality(gathered)
        );
    END LOOP;
    RETURN QUERY SELECT g.id, g.fresh FROM unnest(ids, fresh) WITH ORDINALITY g(id, fresh, n) ORDER BY g.n;
END $$;
