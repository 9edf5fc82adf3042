import Base
import Store
import Web

/// People and the places they work for: accounts with dated posts, sign-in, organisations, projects,
/// sites, routing, the house's settings.
///
/// The administrator writes here and the auditor reads; nobody else does. Three powers stay apart
/// (三权分立): administration, audit and business are never held by one person, and nobody changes
/// their own posts.
public enum People {
    // MARK: Accounts

    /// Makes an account without a password: a one-time link sets it, or the hash given here.
    @discardableResult
    public static func add(_ new: NewAccount, passwordHash: String? = nil, _ tx: Transaction) throws
        -> Account
    {
        try requireAdministrator(tx)
        guard let organization = try tx.organization(new.organization) else {
            throw Failure.invalid("organization_id", "field.no_such")
        }
        let account = Account(
            id: tx.makeID(), login: Logins.fold(new.login), name: new.name, nameLatin: new.nameLatin,
            email: new.email, phone: new.phone, organization: new.organization, language: new.language,
            zone: new.zone ?? organization.zone, theme: nil, isActive: true, skills: new.skills,
            languages: new.languages, place: new.place, leaveFrom: nil, leaveTo: nil,
            mustChangePassword: false,
            createdAt: tx.now, version: 1)
        guard Logins.isValid(account.login) else { throw Failure.invalid("login", "login.shape") }
        guard try tx.account(login: account.login) == nil else {
            throw Failure.invalid("login", "login.taken")
        }
        try tx.insert(account, passwordHash: passwordHash)
        try tx.record(
            Fact(
                "account.created", Subject("account", account.id),
                data: .make([
                    "login": .string(account.login), "name": .string(account.name),
                    "organization": .string(organization.name),
                ])))
        return account
    }

    static func change(_ account: Account, _ edit: EditAccount, _ tx: Transaction) throws -> Account {
        try requireAdministrator(tx)
        var new = account
        edit.name.apply(to: &new.name)
        edit.nameLatin.apply(to: &new.nameLatin)
        edit.email.apply(to: &new.email)
        edit.phone.apply(to: &new.phone)
        edit.zone.apply(to: &new.zone)
        edit.skills.apply(to: &new.skills)
        edit.languages.apply(to: &new.languages)
        edit.place.apply(to: &new.place)
        edit.leaveFrom.apply(to: &new.leaveFrom)
        edit.leaveTo.apply(to: &new.leaveTo)
        if let language = edit.language { new.language = language }
        if let from = new.leaveFrom, let to = new.leaveTo, to <= from {
            throw Failure.invalid("leave_to", "field.ends_before")
        }
        if case .set(let moved?) = edit.organization, moved != account.organization {
            if account.id == tx.actor.id { throw Failure.forbidden("account.own_organization") }
            guard let to = try tx.organization(moved), to.isActive else {
                throw Failure.invalid("organization_id", "field.no_such")
            }
            let from = try tx.organization(account.organization)
            // Posts fit one kind of organisation: who changes sides gets a new account.
            let sameSide = from.map { $0.isHouse == to.isHouse && ($0.isHouse || $0.kind == to.kind) } ?? true
            guard sameSide else { throw Failure.invalid("organization_id", "account.other_side") }
            new.organization = moved
        }
        var difference = Difference()
        difference.add("name", account.name, new.name)
        difference.add("name_latin", account.nameLatin, new.nameLatin)
        difference.add("email", account.email, new.email)
        difference.add("phone", account.phone, new.phone)
        difference.add("organization_id", account.organization.text, new.organization.text)
        difference.add("language", account.language.rawValue, new.language.rawValue)
        difference.add("time_zone", account.zone, new.zone)
        difference.add("skills", account.skills.joined(separator: ", "), new.skills.joined(separator: ", "))
        difference.add(
            "languages", account.languages.joined(separator: ", "), new.languages.joined(separator: ", "))
        difference.add("place", account.place, new.place)
        difference.add("leave_from", account.leaveFrom?.rfc3339, new.leaveFrom?.rfc3339)
        difference.add("leave_to", account.leaveTo?.rfc3339, new.leaveTo?.rfc3339)
        if difference.isEmpty { return account }
        new.version = try tx.update(new)
        try tx.record(Fact("account.changed", Subject("account", account.id), data: difference.json))
        return new
    }

    /// Stops an account: its sessions and tokens end with this commit, for good.
    static func disable(_ account: Account, _ tx: Transaction) throws -> Account {
        try requireAdministrator(tx)
        if account.id == tx.actor.id { throw Failure.forbidden("account.own_disable") }
        guard account.isActive else { return account }
        let isAdministrator = try tx.posts(of: [account.id]).contains {
            $0.role == .administrator && $0.isHeld(at: tx.now)
        }
        if isAdministrator, try tx.activeHolders(of: [.administrator], except: account.id) == 0 {
            throw Failure.conflict("account.last_administrator")
        }
        return try setActive(account, false, tx)
    }

    static func enable(_ account: Account, _ tx: Transaction) throws -> Account {
        try requireAdministrator(tx)
        return account.isActive ? account : try setActive(account, true, tx)
    }

    private static func setActive(_ account: Account, _ active: Bool, _ tx: Transaction) throws -> Account {
        var new = account
        new.isActive = active
        new.version = try tx.update(new)
        if !active {
            try tx.endSessions(of: account.id)
            // Enabled again, it signs in anew and makes new tokens.
            try tx.revokeTokens(of: account.id)
        }
        try tx.record(
            Fact(active ? "account.enabled" : "account.disabled", Subject("account", account.id)))
        return new
    }

    // MARK: Posts

    /// Gives a role from a time on. Refused by name where it would join two of the three powers in one
    /// person, or where people give it to themselves.
    @discardableResult
    public static func add(_ new: NewPost, to account: Account, _ tx: Transaction) throws -> Post {
        try requireAdministrator(tx)
        guard let role = new.role else { throw Failure.invalid("role", "field.required") }
        let from = new.from ?? tx.now
        if let to = new.to, to <= from { throw Failure.invalid("to_at", "field.ends_before") }
        let fourEyes = try Settings.fourEyes(tx)
        let selfApproved = try ownPosts(account, fourEyes, tx)
        let all = try tx.posts(of: [account.id])
        if fourEyes == .strict {
            for other in all where other.overlaps(from: from, to: new.to) {
                if Power(other.role) != Power(role) {
                    throw Failure.forbidden("people.powers_separated").with([
                        "role": Strings.named("role.\(role.rawValue)"),
                        "other": Strings.named("role.\(other.role.rawValue)"),
                    ])
                }
            }
        }
        guard let home = try tx.organization(account.organization) else {
            throw Failure.invalid("organization_id", "field.no_such")
        }
        let fits =
            switch role {
            case .customer: home.kind == .customer
            case .supplier: home.kind == .supplier
            default: home.isHouse
            }
        guard fits else { throw Failure.invalid("role", "post.other_side") }
        if let unit = new.unit, try tx.organization(unit)?.isHouse != true {
            throw Failure.invalid("unit_id", "field.no_such")
        }
        if let site = new.site {
            guard let found = try tx.site(site), new.project == nil || new.project == found.project else {
                throw Failure.invalid("site_id", "field.no_such")
            }
        }
        if let project = new.project {
            guard let found = try tx.project(project) else {
                throw Failure.invalid("project_id", "field.no_such")
            }
            if role == .customer, found.customer != account.organization {
                throw Failure.invalid("project_id", "field.no_such")
            }
        }
        let same = all.first {
            $0.role == role && $0.unit == new.unit && $0.project == new.project && $0.site == new.site
                && $0.overlaps(from: from, to: new.to)
        }
        if same != nil { throw Failure.invalid("role", "post.held_already") }
        let post = Post(
            id: tx.makeID(), account: account.id, role: role, unit: new.unit, project: new.project,
            site: new.site, from: from, to: new.to)
        try tx.insert(post)
        try tx.record(
            Fact(
                "account.post_given", Subject("account", account.id),
                data: .make([
                    "role": .string(role.rawValue), "unit_id": .of(new.unit?.text),
                    "project_id": .of(new.project?.text), "site_id": .of(new.site?.text),
                    "from_at": .of(from), "to_at": .of(new.to),
                    "self_approved": selfApproved ? true : nil,
                ])))
        return post
    }

    static func end(_ post: Post, of account: Account, at: Instant?, _ tx: Transaction) throws -> Post {
        try requireAdministrator(tx)
        let selfApproved = try ownPosts(account, try Settings.fourEyes(tx), tx)
        // A post that has not begun ends where it would begin: it is never in force.
        let end = at ?? max(tx.now, post.from)
        guard end > post.from || at == nil else { throw Failure.invalid("to_at", "field.ends_before") }
        if let to = post.to, to <= tx.now { throw Failure.conflict("post.ended") }
        if post.role == .administrator, try tx.activeHolders(of: [.administrator], except: account.id) == 0 {
            throw Failure.conflict("account.last_administrator")
        }
        try tx.endPost(post.id, at: end)
        try tx.record(
            Fact(
                "account.post_ended", Subject("account", account.id),
                data: .make([
                    "role": .string(post.role.rawValue), "to_at": .of(end),
                    "self_approved": selfApproved ? true : nil,
                ])))
        var ended = post
        ended.to = end
        return ended
    }

    /// Nobody changes their own posts, except the only administrator of a small house.
    /// - Returns: whether this is such an exception.
    private static func ownPosts(_ account: Account, _ fourEyes: FourEyes, _ tx: Transaction) throws -> Bool {
        guard account.id == tx.actor.id else { return false }
        if fourEyes == .whenPossible, try tx.activeHolders(of: [.administrator], except: account.id) == 0 {
            return true
        }
        throw Failure.forbidden("people.own_posts")
    }
}
