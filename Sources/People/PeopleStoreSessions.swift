import Base
import Store

/// A browser that is signed in, as its owner sees it.
struct SessionRow: Sendable {
    var hash: String
    var createdAt: Instant
    var lastSeenAt: Instant
    var remote: String
    var agent: String
}

struct TokenRow: Sendable {
    var id: String
    var name: String
    var createdAt: Instant
    var lastUsedAt: Instant?
    var expiresAt: Instant?
}

/// What signing in needs to know of an account.
struct SignInRow: Sendable {
    var id: AccountID
    var login: String
    var passwordHash: String?
    var isActive: Bool
    var mustChange: Bool
    var language: Language
}

extension Transaction {
    /// By sign-in name, else by an address that only one account has.
    func signIn(_ name: String) throws -> SignInRow? {
        let found = try rows(
            """
            select id, login, password_hash, is_active, must_change_password, language from account
            where login = \(name) or email = \(name) limit 3
            """
        ) { r in
            SignInRow(
                id: r.id(), login: r.text(), passwordHash: r.textOrNil(), isActive: r.bool(),
                mustChange: r.bool(), language: r.choice(.simplifiedChinese))
        }
        return found.first { $0.login == name } ?? (found.count == 1 ? found[0] : nil)
    }

    func passwordHash(of account: AccountID) throws -> String? {
        try first("select password_hash from account where id = \(account)") { $0.textOrNil() } ?? nil
    }

    func insertSession(
        hash: String, account: AccountID, formToken: String, idle: Span, expiresAt: Instant, remote: String,
        agent: String
    ) throws {
        try run(
            """
            insert into session (token_hash, account_id, form_token, created_at, last_seen_at, idle_ms,
              expires_at, remote, agent)
            values (\(hash), \(account), \(formToken), \(now), \(now), \(idle.ms), \(expiresAt),
              \(String(remote.prefix(64))), \(String(agent.prefix(200))))
            """)
    }

    /// Those that are still good, newest first.
    func sessions(of account: AccountID) throws -> [SessionRow] {
        try rows(
            """
            select token_hash, created_at, last_seen_at, remote, agent from session
            where account_id = \(account) and expires_at > \(now) and last_seen_at + idle_ms > \(now)
            order by created_at desc
            """
        ) { r in
            SessionRow(
                hash: r.text(), createdAt: r.instant(), lastSeenAt: r.instant(), remote: r.text(),
                agent: r.text())
        }
    }

    @discardableResult
    func endSession(_ hash: String, of account: AccountID) throws -> Bool {
        try run("delete from session where token_hash = \(hash) and account_id = \(account)") > 0
    }

    func endSessions(of account: AccountID, except hash: String? = nil) throws {
        try run("delete from session where account_id = \(account) and token_hash <> \(hash ?? "")")
    }

    func confirmSession(_ hash: String) throws {
        try run("update session set confirmed_at = \(now) where token_hash = \(hash)")
    }

    func touchSessions(_ hashes: some Sequence<String>) throws {
        try run(
            "update session set last_seen_at = \(now) where token_hash in \(list: hashes) and last_seen_at < \(now)"
        )
    }

    func touchTokens(_ hashes: some Sequence<String>) throws {
        try run("update api_token set last_used_at = \(now) where token_hash in \(list: hashes)")
    }

    // MARK: Tokens

    func tokens(of account: AccountID) throws -> [TokenRow] {
        try rows(
            """
            select id, name, created_at, last_used_at, expires_at from api_token
            where account_id = \(account) and revoked_at is null and (expires_at is null or expires_at > \(now))
            order by created_at desc
            """
        ) { r in
            TokenRow(
                id: r.text(), name: r.text(), createdAt: r.instant(), lastUsedAt: r.instantOrNil(),
                expiresAt: r.instantOrNil())
        }
    }

    func insertToken(
        id: String, account: AccountID, name: String, hash: String, expiresAt: Instant?
    ) throws {
        try run(
            """
            insert into api_token (id, account_id, name, token_hash, created_at, expires_at)
            values (\(id), \(account), \(name), \(hash), \(now), \(expiresAt))
            """)
    }

    func revokeToken(_ id: String, of account: AccountID) throws -> Bool {
        try run(
            """
            update api_token set revoked_at = \(now)
            where id = \(id) and account_id = \(account) and revoked_at is null
            """) > 0
    }

    /// Ends all tokens of an account, and links for a new password with them.
    func revokeTokens(of account: AccountID) throws {
        try run(
            "update api_token set revoked_at = \(now) where account_id = \(account) and revoked_at is null")
        try run("update reset_link set used_at = \(now) where account_id = \(account) and used_at is null")
    }

    // MARK: Reset links

    /// A new link makes older ones of the account useless.
    func insertReset(hash: String, account: AccountID, expiresAt: Instant) throws {
        try run(
            "update reset_link set used_at = \(now) where account_id = \(account) and used_at is null")
        try run(
            """
            insert into reset_link (token_hash, account_id, created_at, expires_at, made_by)
            values (\(hash), \(account), \(now), \(expiresAt), \(actor.id))
            """)
    }

    func openReset(hash: String) throws -> AccountID? {
        try first(
            """
            select l.account_id from reset_link l join account a on a.id = l.account_id
            where l.token_hash = \(hash) and l.used_at is null and l.expires_at > \(now)
              and a.is_active = 1
            """
        ) { $0.id() }
    }

    /// True for whoever comes first.
    func useReset(hash: String) throws -> Bool {
        try run(
            "update reset_link set used_at = \(now) where token_hash = \(hash) and used_at is null and expires_at > \(now)"
        ) == 1
    }

    func sweepSessions() throws {
        try run("delete from session where expires_at <= \(now) or last_seen_at + idle_ms <= \(now)")
        try run("delete from reset_link where expires_at <= \(now - .days(30))")
    }
}
