import Base
import Store
import Web

/// What the composition and the command line use.
extension People {
    /// The administrator's and the auditor's places.
    public static func navigation(for actor: Actor) -> [NavigationGroup] {
        guard actor.hasAny(Roles([.administrator, .auditor])) else { return [] }
        return [
            NavigationGroup(
                "people.nav.people",
                [
                    NavigationEntry("people.nav.accounts", "/admin/accounts", .users, isFirst: true),
                    NavigationEntry("people.nav.units", "/admin/units", .flag),
                    NavigationEntry("people.nav.customers", "/admin/customers", .globe, isFirst: true),
                    NavigationEntry("people.nav.suppliers", "/admin/suppliers", .truck),
                    NavigationEntry("people.nav.projects", "/admin/projects", .pin, isFirst: true),
                ]),
            NavigationGroup(
                "people.nav.house",
                [
                    NavigationEntry("people.nav.routing", "/admin/routing", .swap),
                    NavigationEntry("people.nav.settings", "/admin/settings", .gear),
                ]),
        ]
    }

    /// One line of `fettle user list`.
    public struct Listed: Sendable {
        public var account: Account
        public var roles: [Role]
    }

    /// Makes an account with a role, and the house itself where the store has none yet.
    /// - Parameters:
    ///   - organization: name of the customer or supplier; nil for the house
    ///   - mustChange: the password was made up by somebody else
    /// - Throws: `login.taken`, `password.*`, `field.no_such` and the refusals of posts
    @discardableResult
    public static func createAccount(
        login: String, name: String, roles: [Role], organization: String? = nil, password: String?,
        mustChange: Bool = true, _ store: Store
    ) async throws -> Account {
        var hash: String?
        if let password {
            try Passwords.check(password, login: Logins.fold(login))
            hash = try await Passwords.hash(password)
        }
        let passwordHash = hash
        return try await store.write(by: .system("command")) { tx in
            let home: Organization
            if let organization {
                let outside: [Organization.Kind] =
                    roles.contains(.supplier) ? [.supplier] : [.customer]
                guard
                    let found = try tx.organizations(kinds: outside, limit: 100_000).first(where: {
                        $0.name == organization || $0.nameEn == organization || $0.code == organization
                            || $0.id.text == organization
                    })
                else { throw Failure.invalid("organization", "field.no_such") }
                home = found
            } else {
                home =
                    try tx.organizations(kinds: [.house], limit: 1).first
                    ?? add(NewOrganization(.house, name: "Fettle"), tx)
            }
            let account = try add(
                NewAccount(login: login, name: name, organization: home.id), passwordHash: passwordHash, tx)
            if let passwordHash, mustChange {
                try tx.setPassword(account.id, hash: passwordHash, mustChange: true)
            }
            for role in roles { try add(NewPost(role), to: account, tx) }
            return account
        }
    }

    /// Stops an account; its sessions end at once. `not_found` where there is none.
    public static func disableAccount(login: String, _ store: Store) async throws {
        try await store.write(by: .system("command")) { tx in
            guard let account = try tx.account(login: Logins.fold(login)) else { throw Failure.notFound() }
            _ = try disable(account, tx)
        }
    }

    public static func listAccounts(_ store: Store) async throws -> [Listed] {
        try await store.read(by: .system("command")) { tx in
            let accounts = try tx.accounts(AccountFilter(), after: nil, limit: 100_000)
            var roles: [AccountID: Roles] = [:]
            try tx.each(
                """
                select account_id, role from post
                where from_at <= \(tx.now) and (to_at is null or to_at > \(tx.now))
                """
            ) { r in
                let id: AccountID = r.id()
                if let role: Role = r.choiceOrNil() { roles[id, default: []].formUnion(Roles(role)) }
            }
            return accounts.map { Listed(account: $0, roles: (roles[$0.id] ?? []).list) }
        }
    }

    /// A new personal token; only its hash is kept. `not_found`, `account.is_disabled`.
    public static func createToken(login: String, name: String = "command line", _ store: Store) async throws
        -> String
    {
        try await store.write(by: .system("command")) { tx in
            guard let account = try tx.account(login: Logins.fold(login)) else { throw Failure.notFound() }
            guard account.isActive else { throw Failure.conflict("account.is_disabled") }
            return try makeToken(account.id, name: name, days: nil, tx)
        }
    }
}

extension People {
    /// Where somebody lands who administers or audits and does nothing else; nil for all others.
    public static func startPath(for actor: Actor) -> String? {
        guard !actor.roles.isEmpty, actor.roles.isSubset(of: readers) else { return nil }
        return actor.has(.administrator) ? "/admin/accounts" : "/admin/settings"
    }
}
