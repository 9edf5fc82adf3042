import Base
import Store
import Web

extension Transaction {
    private static let accountColumns: SQL = """
        select a.id, a.login, a.name, a.name_latin, a.email, a.phone, a.organization_id, a.language,
          a.time_zone, a.theme, a.is_active, a.skills, a.languages, a.place, a.leave_from, a.leave_to,
          a.must_change_password, a.created_at, a.version from account a
        """

    private static func account(_ r: inout Row) -> Account {
        Account(
            id: r.id(), login: r.text(), name: r.text(), nameLatin: r.textOrNil(), email: r.textOrNil(),
            phone: r.textOrNil(), organization: r.id(), language: r.choice(.simplifiedChinese),
            zone: r.text(), theme: r.textOrNil(), isActive: r.bool(), skills: words(&r), languages: words(&r),
            place: r.textOrNil(), leaveFrom: r.instantOrNil(), leaveTo: r.instantOrNil(),
            mustChangePassword: r.bool(), createdAt: r.instant(), version: r.int())
    }

    private static func words(_ r: inout Row) -> [String] {
        r.json().array?.compactMap(\.string) ?? []
    }

    private static func json(_ words: [String]) -> String { JSON.array(words.map { .string($0) }).text }

    private static func search(_ a: Account) -> String {
        [a.login, a.name, a.nameLatin, a.email].compactMap { $0 }.joined(separator: " ").lowercased()
    }

    func account(_ id: AccountID) throws -> Account? {
        try first("\(Transaction.accountColumns) where a.id = \(id)", Transaction.account)
    }

    func account(login: String) throws -> Account? {
        try first("\(Transaction.accountColumns) where a.login = \(login)", Transaction.account)
    }

    func accounts(_ ids: [AccountID]) throws -> [Account] {
        if ids.isEmpty { return [] }
        return try rows(
            "\(Transaction.accountColumns) where a.id in \(list: ids.map(\.text))", Transaction.account)
    }

    func accounts(of organization: OrganizationID, limit: Int) throws -> [Account] {
        try rows(
            """
            \(Transaction.accountColumns) where a.organization_id = \(organization)
            order by a.login limit \(limit)
            """, Transaction.account)
    }

    /// Accounts by sign-in name after a cursor; narrowed by words, role in force, state, organisation.
    func accounts(_ f: AccountFilter, after: String?, limit: Int) throws -> [Account] {
        var conditions: [SQL] = ["1 = 1"]
        if let after { conditions.append("a.login > \(after)") }
        for word in f.words { conditions.append("a.search like \(Likes.containing(word)) escape '\\'") }
        if let active = f.isActive { conditions.append("a.is_active = \(active)") }
        if let organization = f.organization {
            conditions.append("a.organization_id = \(organization)")
        }
        if let role = f.role {
            conditions.append(
                """
                exists (select 1 from post p where p.account_id = a.id and p.role = \(role)
                  and p.from_at <= \(now) and (p.to_at is null or p.to_at > \(now)))
                """)
        }
        return try rows(
            """
            \(Transaction.accountColumns) where \(conditions.joined(" and "))
            order by a.login limit \(limit)
            """, Transaction.account)
    }

    func insert(_ a: Account, passwordHash: String?) throws {
        try run(
            """
            insert into account (id, login, name, name_latin, email, phone, organization_id,
              password_hash, language, time_zone, theme, is_active, skills, languages, place, leave_from,
              leave_to, must_change_password, search, created_at, version)
            values (\(a.id), \(a.login), \(a.name), \(a.nameLatin), \(a.email), \(a.phone),
              \(a.organization), \(passwordHash), \(a.language), \(a.zone), \(a.theme), \(a.isActive),
              \(Transaction.json(a.skills)), \(Transaction.json(a.languages)), \(a.place),
              \(a.leaveFrom), \(a.leaveTo), \(a.mustChangePassword), \(Transaction.search(a)),
              \(a.createdAt), 1)
            """)
    }

    /// Writes everything but the password where the version still stands; the new version.
    func update(_ a: Account) throws -> Int64 {
        let changed = try run(
            """
            update account set name = \(a.name), name_latin = \(a.nameLatin), email = \(a.email),
              phone = \(a.phone), organization_id = \(a.organization), language = \(a.language),
              time_zone = \(a.zone), theme = \(a.theme), is_active = \(a.isActive),
              skills = \(Transaction.json(a.skills)), languages = \(Transaction.json(a.languages)),
              place = \(a.place), leave_from = \(a.leaveFrom), leave_to = \(a.leaveTo),
              search = \(Transaction.search(a)), version = version + 1
            where id = \(a.id) and version = \(a.version)
            """)
        guard changed == 1 else { throw Failure(.preconditionFailed, "precondition.failed") }
        return a.version + 1
    }

    func setPassword(_ account: AccountID, hash: String, mustChange: Bool) throws {
        try run(
            """
            update account set password_hash = \(hash), must_change_password = \(mustChange)
            where id = \(account)
            """)
    }

    // MARK: Posts

    /// Posts with the names of their places in the reader's language.
    private var postColumns: SQL {
        let names: SQL =
            actor.language == .english
            ? "coalesce(o.name_en, o.name), coalesce(j.name_en, j.name), coalesce(s.name_en, s.name)"
            : "o.name, j.name, s.name"
        return """
            select p.id, p.account_id, p.role, p.unit_id, p.project_id, p.site_id, p.from_at, p.to_at,
              \(names) from post p left join organization o on o.id = p.unit_id
              left join project j on j.id = p.project_id left join site s on s.id = p.site_id
            """
    }

    private static func post(_ r: inout Row) -> Post? {
        let id: PostID = r.id()
        let account: AccountID = r.id()
        guard let role: Role = r.choiceOrNil() else { return nil }
        return Post(
            id: id, account: account, role: role, unit: r.idOrNil(), project: r.idOrNil(), site: r.idOrNil(),
            from: r.instant(), to: r.instantOrNil(), unitName: r.textOrNil(), projectName: r.textOrNil(),
            siteName: r.textOrNil())
    }

    /// All posts ever held, newest first.
    func posts(of accounts: [AccountID]) throws -> [Post] {
        if accounts.isEmpty { return [] }
        return try rows(
            """
            \(postColumns) where p.account_id in \(list: accounts.map(\.text))
            order by p.from_at desc, p.id
            """, Transaction.post
        ).compactMap { $0 }
    }

    func insert(_ p: Post) throws {
        try run(
            """
            insert into post (id, account_id, role, unit_id, project_id, site_id, from_at, to_at)
            values (\(p.id), \(p.account), \(p.role), \(p.unit), \(p.project), \(p.site), \(p.from), \(p.to))
            """)
    }

    func endPost(_ id: PostID, at: Instant) throws {
        try run("update post set to_at = \(at) where id = \(id)")
    }

    /// Active accounts that hold a role now, one row an account.
    func activeHolders(of roles: [Role], except: AccountID?) throws -> Int64 {
        try int(
            """
            select count(distinct a.id) from post p join account a on a.id = p.account_id
            where p.role in \(list: roles.map(\.rawValue)) and p.from_at <= \(now)
              and (p.to_at is null or p.to_at > \(now)) and a.is_active = 1 and a.id <> \(except?.text ?? "")
            """)
    }
}

/// What a list of accounts is narrowed by.
struct AccountFilter: Sendable {
    var words: [String] = []
    var role: Role?
    var isActive: Bool?
    var organization: OrganizationID?

    /// The same for the same filter: cursors are bound to it.
    var signature: String {
        (words + [role?.rawValue ?? "", isActive.map { $0 ? "1" : "0" } ?? "", organization?.text ?? ""])
            .joined(separator: "\u{1}")
    }
}
