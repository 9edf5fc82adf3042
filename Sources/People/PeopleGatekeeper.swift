import Base
import Store
import Web

/// Credentials that were seen a while ago and want their "last seen" renewed. Reads never write: they
/// note it here, and `People.touch` writes it later.
public final class SeenCredentials: Sendable {
    private struct Noted {
        var sessions: Set<String> = []
        var tokens: Set<String> = []
    }
    private let noted = Locked(Noted())

    public init() {}

    func session(_ hash: String) { noted.withLock { _ = $0.sessions.insert(hash) } }
    func token(_ hash: String) { noted.withLock { _ = $0.tokens.insert(hash) } }

    func take() -> (sessions: Set<String>, tokens: Set<String>) {
        noted.withLock { n in
            defer { n = Noted() }
            return (n.sessions, n.tokens)
        }
    }
}

extension People {
    /// Noted by the gatekeeper, written by `touch`.
    public static let seen = SeenCredentials()
    /// "Last seen" is at most this old.
    static let touchedAfter = Span.minutes(5)

    /// Finds who a credential belongs to, with one statement that reads the posts in force now: whoever
    /// was disabled, or lost a post, is stopped at the very next request.
    public static func gatekeeper(seen: SeenCredentials = People.seen) -> Gatekeeper {
        Gatekeeper { credential, tx in
            switch credential {
            case .none: return nil
            case .session(let token):
                return try caller(hash: Secrets.tokenHash(token), isSession: true, seen, tx)
            case .bearer(let token):
                guard !token.isEmpty else { return nil }
                return try caller(hash: Secrets.tokenHash(token), isSession: false, seen, tx)
            }
        }
    }

    /// Renews "last seen" of what was used since the last time. For the composition's minute tick.
    public static func touch(_ store: Store, seen: SeenCredentials = People.seen) async throws {
        let (sessions, tokens) = seen.take()
        if sessions.isEmpty, tokens.isEmpty { return }
        try await store.write(by: .system("sessions")) { tx in
            if !sessions.isEmpty { try tx.touchSessions(sessions) }
            if !tokens.isEmpty { try tx.touchTokens(tokens) }
        }
    }

    /// Forgets sessions that have ended and old links. For the composition's hourly tick.
    public static func sweep(_ store: Store) async throws {
        try await store.write(by: .system("sessions")) { try $0.sweepSessions() }
    }

    private static func caller(hash: String, isSession: Bool, _ seen: SeenCredentials, _ tx: Transaction)
        throws -> Caller?
    {
        let now = tx.now
        let credential: SQL =
            isSession
            ? """
            select s.account_id, s.form_token, s.confirmed_at, s.last_seen_at as seen_at from session s
            where s.token_hash = \(hash) and s.expires_at > \(now) and s.last_seen_at + s.idle_ms > \(now)
            """
            : """
            select t.account_id, '' as form_token, t.created_at as confirmed_at,
              coalesce(t.last_used_at, 0) as seen_at from api_token t
            where t.token_hash = \(hash) and t.revoked_at is null
              and (t.expires_at is null or t.expires_at > \(now))
            """
        return try caller(credential, hash: hash, isSession: isSession, seen, tx)
    }

    /// - Parameter credential: selects account_id, form_token, confirmed_at, seen_at
    static func caller(
        _ credential: SQL, hash: String, isSession: Bool, _ seen: SeenCredentials, _ tx: Transaction
    ) throws -> Caller? {
        let now = tx.now
        return try assemble(
            try tx.rows(
                """
                with recursive credential as (\(credential)),
                who as (
                  select a.id, a.login, a.name, a.organization_id, o.kind, a.language, a.time_zone, a.theme,
                    c.form_token, c.confirmed_at, c.seen_at, a.must_change_password
                  from credential c join account a on a.id = c.account_id
                  join organization o on o.id = a.organization_id
                  where a.is_active = 1 and o.is_active = 1),
                held as (
                  select p.role, p.unit_id, p.project_id, p.site_id from post p join who w on w.id = p.account_id
                  where p.from_at <= \(now) and (p.to_at is null or p.to_at > \(now))),
                named as (
                  select c.project_id, c.site_lead_id from project_contact c join who w
                    on w.id = c.contact_id or w.id = c.deputy_id or w.id = c.site_lead_id
                      or w.id = c.technical_lead_id
                  where c.from_at <= \(now) and (c.to_at is null or c.to_at > \(now))),
                below(id) as (
                  select u.id from held h cross join who w
                    join organization u on u.id = coalesce(h.unit_id, w.organization_id)
                    where w.kind in ('house', 'unit') and u.kind = 'unit'
                  union select o.id from organization o join below b on o.parent_id = b.id)
                select 'who' as part, w.id, w.login, w.name, w.organization_id, w.kind, w.language, w.time_zone,
                  w.theme, w.form_token, w.confirmed_at, w.seen_at, w.must_change_password from who w
                union all select distinct 'role', h.role, '', '', '', '', '', '', '', '', 0, 0, 0 from held h
                union all select 'unit', b.id, '', '', '', '', '', '', '', '', 0, 0, 0 from below b
                union all select 'project', j.project_id, '', '', '', '', '', '', '', '', 0, 0, 0 from (
                  select project_id from held where project_id is not null
                  union select project_id from named) j
                union all select 'site', l.site_id, '', '', '', '', '', '', '', '', 0, 0, 0 from (
                  select site_id from held where role = 'site_lead' and site_id is not null
                  union select s.id from held h join site s on s.project_id = h.project_id
                    where h.role = 'site_lead' and h.site_id is null
                  union select s.id from named n join who w on w.id = n.site_lead_id
                    join site s on s.project_id = n.project_id) l
                """
            ) { r in
                Part(
                    kind: r.text(), id: r.text(), login: r.text(), name: r.text(), organization: r.text(),
                    organizationKind: r.text(), language: r.text(), zone: r.text(), theme: r.textOrNil(),
                    formToken: r.text(), confirmedAt: r.instantOrNil(), seenAt: r.instant(),
                    mustChange: r.bool())
            }, hash: hash, isSession: isSession, seen, now)
    }

    /// One row of the gatekeeper's answer.
    private struct Part {
        var kind, id, login, name, organization, organizationKind, language, zone: String
        var theme: String?
        var formToken: String
        var confirmedAt: Instant?
        var seenAt: Instant
        var mustChange: Bool
    }

    private static func assemble(
        _ parts: [Part], hash: String, isSession: Bool, _ seen: SeenCredentials, _ now: Instant
    ) throws -> Caller? {
        guard let who = parts.first(where: { $0.kind == "who" }) else { return nil }
        func ids<K>(_ kind: String, _: K.Type = K.self) -> [ID<K>] {
            parts.filter { $0.kind == kind }.map { ID($0.id) }
        }
        if now - who.seenAt >= touchedAfter {
            if isSession { seen.session(hash) } else { seen.token(hash) }
        }
        let kind = Organization.Kind(rawValue: who.organizationKind)
        let actor = Actor(
            id: AccountID(who.id), name: who.name,
            roles: Roles(parts.filter { $0.kind == "role" }.compactMap { Role(rawValue: $0.id) }),
            organization: OrganizationID(who.organization), units: ids("unit"), sites: ids("site"),
            projects: ids("project"), language: Language(rawValue: who.language) ?? .simplifiedChinese,
            zone: Zone(who.zone) ?? .utc, isStaff: kind == .house || kind == .unit)
        return Caller(
            actor: actor, formToken: isSession ? who.formToken : nil, login: who.login,
            confirmedAt: isSession ? who.confirmedAt : nil, theme: who.theme,
            sessionID: isSession ? hash : nil,
            // A token proves nothing by the password, so an old password does not stop it.
            mustChangePassword: isSession && who.mustChange)
    }
}
