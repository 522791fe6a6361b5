-- A balance changes in place: its page has room for the next version, and no index is touched.
ALTER TABLE ledger_balance SET (fillfactor = 50);

-- Opening an account makes its balances, so that posting only ever locks rows that exist.
CREATE FUNCTION ledger_account_opened() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
BEGIN
    INSERT INTO ledger_balance (account_id, stripe, amount, moves, below_zero)
    SELECT NEW.id, stripe, 0, 0, NEW.kind = 'source' FROM generate_series(0, NEW.stripes - 1) stripe;
    RETURN NULL;
END $$;
CREATE TRIGGER ledger_account_opened AFTER INSERT ON ledger_account
    FOR EACH ROW EXECUTE FUNCTION ledger_account_opened();

-- What every posting begins with. Closing a book takes the same advisory lock alone, so no posting slips past it.
-- A transaction that posts a second time holds locks of the first: from then on it waits for nobody, and deadlocks
-- cannot come about. Whoever needs several bookings at once gives them in one call, where they are locked in order.
CREATE FUNCTION ledger_begin(book bigint, earliest date) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    mine text := pg_current_xact_id()::text;
    closed date;
BEGIN
    IF current_setting('ledger.posted', true) = mine THEN
        mine := set_config('lock_timeout', '20ms', true);
    ELSE
        mine := set_config('ledger.posted', mine, true);
    END IF;
    PERFORM pg_advisory_xact_lock_shared(7210204, book::int);
    SELECT closed_through INTO closed FROM ledger_book WHERE id = book;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no such book' USING ERRCODE = 'LG404';
    ELSIF earliest <= closed THEN
        RAISE EXCEPTION 'closed through %', closed USING ERRCODE = 'LG423';
    END IF;
END $$;

-- This connection's stripe of each account, locked in the one order there is, as it then stands.
CREATE FUNCTION ledger_lock(p_book bigint, accounts bigint[]) RETURNS SETOF ledger_balance LANGUAGE plpgsql AS $$
BEGIN
    RETURN QUERY SELECT b.* FROM ledger_balance b
    JOIN (
        SELECT a.id, (pg_backend_pid() % a.stripes)::smallint AS stripe FROM ledger_account a
        WHERE a.book_id = p_book AND a.id = ANY (accounts)
    ) own ON own.id = b.account_id AND own.stripe = b.stripe
    ORDER BY b.account_id, b.stripe FOR UPDATE OF b;
END $$;

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

-- One movement of a transaction, both balances in the order that everybody locks in.
CREATE FUNCTION ledger_move(
    p_book bigint, p_transaction bigint, p_line int, d bigint, c bigint, x bigint, p_expires date
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    me int := pg_backend_pid();
    ds int; cs int; da bigint; ca bigint; dn bigint; cn bigint;
BEGIN
    IF c < d THEN
        UPDATE ledger_balance b SET amount = b.amount + x, moves = b.moves + 1
            FROM ledger_account a
            WHERE a.id = c AND a.book_id = p_book AND b.account_id = c AND b.stripe = me % a.stripes
            RETURNING b.stripe, b.amount, b.moves INTO cs, ca, cn;
    END IF;
    LOOP
        UPDATE ledger_balance b SET amount = b.amount - x, moves = b.moves + 1
            FROM ledger_account a
            WHERE a.id = d AND a.book_id = p_book AND b.account_id = d AND b.stripe = me % a.stripes
                AND (b.amount >= x OR b.below_zero)
            RETURNING b.stripe, b.amount, b.moves INTO ds, da, dn;
        EXIT WHEN ds IS NOT NULL;
        SELECT me % a.stripes INTO ds FROM ledger_account a WHERE a.id = d AND a.book_id = p_book;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'no such account in the book' USING ERRCODE = 'LG404';
        ELSIF NOT ledger_gather(d, ds, x, p_transaction, 100000 * p_line) THEN
            RAISE EXCEPTION 'the account holds less' USING ERRCODE = 'LG402';
        END IF;
    END LOOP;
    IF d < c THEN
        UPDATE ledger_balance b SET amount = b.amount + x, moves = b.moves + 1
            FROM ledger_account a
            WHERE a.id = c AND a.book_id = p_book AND b.account_id = c AND b.stripe = me % a.stripes
            RETURNING b.stripe, b.amount, b.moves INTO cs, ca, cn;
    END IF;
    IF cs IS NULL THEN
        RAISE EXCEPTION 'no such account in the book' USING ERRCODE = 'LG404';
    END IF;
    INSERT INTO ledger_transfer (
        transaction_id, line, debit_id, credit_id, amount, debit_stripe, credit_stripe, debit_after, credit_after,
        debit_move, credit_move, expires_on
    ) VALUES (p_transaction, p_line, d, c, x, ds, cs, da, ca, dn, cn, p_expires);
END $$;

-- One transaction, of any number of transfers. Returns its number, and whether it is new.
CREATE FUNCTION ledger_post(
    p_book bigint, p_key uuid, p_kind text, p_day date, p_at timestamptz, p_by bigint, p_place text, p_about text,
    p_reverses bigint, p_mac bytea, p_debit bigint[], p_credit bigint[], p_amount bigint[], p_expires date[],
    OUT id bigint, OUT is_new boolean
) LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE
    known bytea;
    n int := cardinality(p_debit);
BEGIN
    PERFORM ledger_begin(p_book, p_day);
    is_new := true;
    INSERT INTO ledger_transaction (book_id, key, kind, day, at, account_ref, place_code, about, reverses_id, mac)
    VALUES (p_book, p_key, p_kind, p_day, p_at, p_by, p_place, p_about, p_reverses, p_mac)
    ON CONFLICT (book_id, key) DO NOTHING RETURNING ledger_transaction.id INTO id;
    IF id IS NULL THEN
        is_new := false;
        SELECT t.id, t.mac INTO id, known FROM ledger_transaction t WHERE t.book_id = p_book AND t.key = p_key;
        IF known <> p_mac THEN
            RAISE EXCEPTION 'the key was used for something else' USING ERRCODE = 'LG409';
        END IF;
        RETURN;
    END IF;
    IF n > 1 THEN  -- all balances at once, in the order that everybody locks in
        PERFORM ledger_lock(p_book, p_debit || p_credit);
    END IF;
    FOR i IN 1..n LOOP
        PERFORM ledger_move(p_book, id, i, p_debit[i], p_credit[i], p_amount[i], p_expires[i]);
    END LOOP;
END $$;

-- Many transactions of one book in a few statements: all of them or none. Those whose key is known already are passed over.
-- The arrays of transfers name their transaction by its place in the first arrays, from 1, in order.
CREATE FUNCTION ledger_post_many(
    p_book bigint, p_by bigint, p_key uuid[], p_kind text[], p_day date[], p_at timestamptz, p_place text[],
    p_about text[], p_reverses bigint[], p_mac text[], p_of int[], p_debit bigint[], p_credit bigint[], p_amount bigint[],
    p_expires date[]
) RETURNS TABLE (id bigint, is_new boolean) LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE
    bad int;
    ids bigint[];
    fresh boolean[];
    held ledger_balance[];
    low record;
    gathered bigint[] := '{}';
BEGIN
    PERFORM ledger_begin(p_book, (SELECT min(day) FROM unnest(p_day) day));
    -- numbered in the order given, written in the order of keys: two batches with keys in common never wait in a ring
    ids := ARRAY(SELECT nextval(pg_get_serial_sequence('ledger_transaction', 'id')) FROM unnest(p_key));
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

-- No transaction of the book may be dated on this day or before it from now on.
CREATE FUNCTION ledger_close(p_book bigint, p_through date) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(7210204, p_book::int);
    UPDATE ledger_book SET closed_through = p_through
    WHERE id = p_book AND (closed_through IS NULL OR closed_through < p_through);
    IF NOT FOUND THEN
        RAISE EXCEPTION 'closed already' USING ERRCODE = 'LG423';
    END IF;
END $$;

CREATE FUNCTION ledger_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows of the ledger are never changed: % on %', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END $$;
