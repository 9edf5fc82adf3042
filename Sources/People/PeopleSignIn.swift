import Base
import Store
import Web

/// Signing in, out, and setting passwords.
enum SignIn {
    struct Opened: Sendable {
        var cookie: String
        var mustChange: Bool
    }

    struct Input: Command {
        var login: String
        var password: String
        var keep: Bool
        var next: String?
        init(_ read: inout FieldReader) {
            login = read.text("login", max: 200)
            password = read.secret("password", max: 1024)
            keep = read.bool("keep")
            next = read.optionalText("next", max: 2000)
        }
    }

    /// Checks name and password and opens a session with a new secret. Tries are counted before anything is
    /// looked up: by address; by account from one address, so that whoever tries elsewhere does not lock
    /// the person out at hers; and, far more of them, by account from all addresses together. One sentence
    /// for every kind of wrong.
    static func open(_ input: Input, _ call: Call, _ kit: Kit) async throws -> Opened {
        let login = Logins.fold(input.login)
        let byAccount = "sign-in:" + Secrets.tokenHash(login)
        let byBoth = byAccount + ":" + call.network
        let byAddress = "sign-in-from:" + call.network
        try await kit.throttle.take(
            .init(byAddress, burst: 100, perMinute: 30), .init(byBoth, burst: 8, perMinute: 2),
            // More comes back than a few addresses may take: it takes many at once to reach it.
            .init(byAccount, burst: 200, perMinute: 20))
        Passwords.prepare()
        let found = try await kit.store.read(by: .system("sign-in")) { try $0.signIn(login) }
        let matches = try await Passwords.matches(input.password, hash: found?.passwordHash)
        guard let found, matches, found.isActive else { throw Failure(.invalid, "sign_in.wrong") }
        let token = Secrets.token()
        let formToken = Secrets.token()
        let old = call.caller?.sessionID
        let agent = call.headers["user-agent"] ?? ""
        try await kit.store.write(by: .system("sign-in")) { tx in
            // Between the check and now the account may have been disabled or its password changed.
            guard let again = try tx.signIn(found.login), again.id == found.id, again.isActive,
                again.passwordHash == found.passwordHash, let account = try tx.account(found.id),
                try tx.organization(account.organization)?.isActive == true
            else { throw Failure(.invalid, "sign_in.wrong") }
            try tx.forgetTries(byBoth)
            try tx.giveBackTry(byAccount)
            try tx.giveBackTry(byAddress)
            if let old, let who = call.caller?.actor.id { try tx.endSession(old, of: who) }
            let hours = try Settings.current(.sessionHours, at: tx.now, tx).int ?? 12
            try tx.insertSession(
                hash: Secrets.tokenHash(token), account: found.id, formToken: formToken, idle: .hours(hours),
                expiresAt: tx.now + longest, remote: call.remote, agent: agent)
            tx.act(as: Actor(id: account.id, name: account.name))
            try tx.record(
                Fact(
                    "account.signed_in", Subject("account", account.id),
                    data: .make(["remote": .string(call.remote)])))
        }
        let cookie = SetCookie(
            Dispatcher.sessionCookie, token, maxAgeS: input.keep ? Int(longest.seconds) : nil,
            secure: kit.isSecure)
        return Opened(cookie: try cookie.header, mustChange: found.mustChange)
    }

    /// A session ends this long after signing in, however busy it is.
    static let longest = Span.days(30)
}

extension People {
    /// Sets a password after its rules were checked; every other session of the account ends.
    static func setPassword(
        _ account: AccountID, hash: String, keeping session: String?, fact: String, mustChange: Bool = false,
        _ tx: Transaction
    ) throws {
        try tx.setPassword(account, hash: hash, mustChange: mustChange)
        try tx.endSessions(of: account, except: session)
        try tx.record(Fact(fact, Subject("account", account)))
    }

    /// Changes one's own password, the old one given.
    static func changePassword(_ call: Call, _ kit: Kit, old: String, new: String) async throws {
        guard let caller = call.caller, let id = caller.actor.id else {
            throw Failure(.unauthenticated, "unauthenticated")
        }
        let key = "password:" + id.text
        try await kit.throttle.take(.init(key, burst: 5, perMinute: 1))
        let stored = try await kit.store.read(by: caller.actor) { try $0.passwordHash(of: id) }
        guard try await Passwords.matches(old, hash: stored) else {
            throw Failure.invalid("old_password", "password.wrong")
        }
        try Passwords.check(new, login: caller.login)
        guard new != old else { throw Failure.invalid("password", "password.same") }
        let hash = try await Passwords.hash(new)
        try await kit.store.write(by: caller.actor) { tx in
            guard try tx.passwordHash(of: id) == stored else {
                throw Failure.conflict("password.changed_meanwhile")
            }
            try tx.forgetTries(key)
            try setPassword(id, hash: hash, keeping: caller.sessionID, fact: "account.password_changed", tx)
        }
    }

    /// Sets a new password by a one-time link; all sessions end.
    static func reset(_ call: Call, _ kit: Kit, token: String, password: String) async throws {
        try await kit.throttle.take(.init("reset:" + call.network, burst: 20, perMinute: 5))
        let link = Secrets.tokenHash(token)
        let account = try await kit.store.read(by: .system("reset")) { tx in
            try tx.openReset(hash: link).flatMap { try tx.account($0) }
        }
        guard let account else { throw Failure.notFound("reset.invalid") }
        try Passwords.check(password, login: account.login)
        let hash = try await Passwords.hash(password)
        try await kit.store.write(by: .system("reset")) { tx in
            guard try tx.openReset(hash: link) == account.id, try tx.useReset(hash: link) else {
                throw Failure.notFound("reset.invalid")
            }
            tx.act(as: Actor(id: account.id, name: account.name))
            try setPassword(account.id, hash: hash, keeping: nil, fact: "account.password_reset", tx)
        }
    }

    /// A link that an administrator hands over; good once within 24 h. Its address comes from the
    /// house's own setting; without one, only the path is given.
    static func makeResetLink(_ account: Account, _ tx: Transaction) throws -> (url: String, until: Instant) {
        try requireAdministrator(tx)
        guard account.isActive else { throw Failure.conflict("account.is_disabled") }
        let token = Secrets.token()
        let until = tx.now + .hours(24)
        try tx.insertReset(hash: Secrets.tokenHash(token), account: account.id, expiresAt: until)
        // Whoever has the link can become that person: they hear of it, and where they hold one of the
        // powers that watch the administrator, every auditor does.
        let watches = try tx.posts(of: [account.id]).contains {
            $0.isHeld(at: tx.now) && [.auditor, .management].contains($0.role)
        }
        try tx.record(
            Fact(
                "account.reset_link_made", Subject("account", account.id),
                data: .make(["name": .string(account.name), "tells_auditors": watches ? true : nil])))
        return ((try Settings.baseURL(tx) ?? "") + "/reset/" + token, until)
    }

    /// A personal token, shown this once: only its hash is kept.
    public static func makeToken(_ account: AccountID, name: String, days: Int64?, _ tx: Transaction) throws
        -> String
    {
        guard try tx.tokens(of: account).count < 50 else { throw Failure.conflict("token.too_many") }
        let token = "fettle_" + Secrets.token()
        let id: ID<TokenRow> = tx.makeID()
        try tx.insertToken(
            id: id.text, account: account, name: name, hash: Secrets.tokenHash(token),
            expiresAt: days.map { tx.now + .days($0) })
        try tx.record(
            Fact(
                "account.token_made", Subject("account", account),
                data: .make(["name": .string(name), "token_id": .string(id.text)])))
        return token
    }

    static func requireAdministrator(_ tx: Transaction) throws {
        // The command line and the demo world act as a named job of the system.
        if tx.actor.id == nil, tx.actor.isStaff { return }
        guard tx.actor.has(.administrator) else { throw Failure.forbidden("forbidden.role") }
    }
}
