import Base
import Store
import Web

extension People {
    /// Every route of this area: the door, one's own page, and administration as pages and API.
    public static func routes(_ routes: inout Routes) {
        doorRoutes(&routes)
        meRoutes(&routes)
        accountRoutes(&routes)
        organizationRoutes(&routes)
        projectRoutes(&routes)
        settingRoutes(&routes)
    }

    /// Who may knock at the administration's door; who may write there is decided by each use case,
    /// after 404.
    static let readers = Roles([.administrator, .auditor])

    // MARK: The door

    private static func doorRoutes(_ routes: inout Routes) {
        for entrance in DoorPages.Entrance.allCases {
            let page: @Sendable (Call, Transaction) throws -> Reply = { call, tx in
                try DoorPages.signIn(entrance, call, tx)
            }
            routes.page(entrance.path, door: .everyone, page)
            routes.free(
                "POST", entrance.path, surface: .page, door: .everyone, maxBody: 16 << 10, again: page
            ) { call, kit, _ in
                let input = try call.input(SignIn.Input.self)
                let opened = try await SignIn.open(input, call, kit)
                let next = LocalPath.safe(input.next)
                let place = opened.mustChange ? DoorPages.passwordPath(next: next) : next
                return Reply.redirect(place).with("Set-Cookie", opened.cookie)
            }
        }
        routes.free("POST", "/sign-out", surface: .page, door: .everyone, maxBody: 16 << 10) { call, kit, _ in
            if let caller = call.caller, let id = caller.actor.id, let session = caller.sessionID {
                try await kit.store.write(by: caller.actor) { tx in
                    try tx.endSession(session, of: id)
                    try tx.record(Fact("account.signed_out", Subject("account", id)))
                }
            }
            let cookie = try SetCookie.removal(of: Dispatcher.sessionCookie, secure: kit.isSecure).header
            return Reply.redirect("/sign-in").with("Set-Cookie", cookie)
        }
        routes.free("POST", "/language", surface: .page, door: .everyone, maxBody: 16 << 10) { call, kit, _ in
            let input = try call.input(ChooseLanguage.self)
            let language = input.language ?? call.language
            if let caller = call.caller, let id = caller.actor.id {
                try await kit.store.write(by: caller.actor) { tx in
                    try tx.run("update account set language = \(language) where id = \(id)")
                }
            }
            let cookie = try SetCookie(
                Dispatcher.languageCookie, language.tag, maxAgeS: 365 * 86_400, secure: kit.isSecure
            ).header
            return Reply.redirect(LocalPath.localOrDoor(input.next)).with("Set-Cookie", cookie)
        }
        routes.page("/reset/{token}", door: .everyone, DoorPages.reset)
        routes.free(
            "POST", "/reset/{token}", surface: .page, door: .everyone, maxBody: 16 << 10,
            again: DoorPages.reset
        ) { call, kit, _ in
            let input = try call.input(NewPassword.self)
            try await reset(call, kit, token: call.parameter("token"), password: input.password)
            let cookie = try SetCookie.removal(of: Dispatcher.sessionCookie, secure: kit.isSecure).header
            return Reply.redirect("/sign-in?done=password").with("Set-Cookie", cookie)
        }
    }

    // MARK: One's own page

    private static func meRoutes(_ routes: inout Routes) {
        routes.get(
            "/me", .init("Who I am and where I may open tickets", tag: "me", answer: .one(PeopleJSON.me))
        ) { call, tx in
            Reply.json(PeopleJSON.me.json(try PeopleJSON.Me(call, tx)))
        }
        routes.page("/me", MePages.me)
        routes.form("/me", again: MePages.me) { call, tx in
            let input = try call.input(Preferences.self)
            guard let id = call.caller?.actor.id, var account = try tx.account(id) else {
                throw Failure.notFound()
            }
            let old = account
            account.language = input.language ?? old.language
            account.zone = input.zone ?? old.zone
            account.theme = input.theme?.stored
            account.phone = input.phone
            try tx.run(
                """
                update account set language = \(account.language), time_zone = \(account.zone),
                  theme = \(account.theme), phone = \(account.phone), version = version + 1 where id = \(id)
                """)
            var difference = Difference()
            difference.add("language", old.language.rawValue, account.language.rawValue)
            difference.add("time_zone", old.zone, account.zone)
            difference.add("theme", old.theme, account.theme)
            difference.add("phone", old.phone, account.phone)
            if !difference.isEmpty {
                try tx.record(Fact("account.changed", Subject("account", id), data: difference.json))
            }
            return .redirect("/me?done=saved")
        }
        routes.form("/me/theme") { call, tx in
            let input = try call.input(ChooseTheme.self)
            guard let id = call.caller?.actor.id else { throw Failure.notFound() }
            try tx.run("update account set theme = \(input.theme?.stored) where id = \(id)")
            return .redirect(LocalPath.safe(input.next, else: "/me"))
        }
        routes.page(Dispatcher.passwordPage, door: .anyPassword, DoorPages.password)
        routes.free(
            "POST", Dispatcher.passwordPage, surface: .page, door: .anyPassword, maxBody: 16 << 10,
            again: DoorPages.passwordAgain
        ) { call, kit, _ in
            let input = try call.input(ChangePassword.self)
            try await changePassword(call, kit, old: input.old, new: input.new.password)
            guard call.caller?.mustChangePassword == true else { return .redirect("/me?done=password") }
            return .redirect(LocalPath.safe(input.next))
        }
        routes.page("/me/confirmation", DoorPages.confirmation)
        routes.free(
            "POST", "/me/confirmation", surface: .page, maxBody: 16 << 10, again: DoorPages.confirmation
        ) { call, kit, _ in
            let input = try call.input(Confirmation.self)
            try await PeopleSigning.confirm(call, kit, password: input.password)
            return .redirect(LocalPath.safe(input.next, else: "/me"))
        }
        routes.form("/me/sessions/{hash}/ending") { call, tx in
            guard let id = call.caller?.actor.id, try tx.endSession(call.parameter("hash"), of: id) else {
                throw Failure.notFound()
            }
            try tx.record(Fact("account.session_ended", Subject("account", id)))
            return .redirect("/me?done=session_ended")
        }
        routes.form("/me/tokens", again: MePages.me) { call, tx in
            let input = try call.input(NewToken.self)
            guard let id = call.caller?.actor.id else { throw Failure.notFound() }
            let token = try makeToken(id, name: input.name, days: input.days, tx)
            return try MePages.token(token, call, tx)
        }
        routes.form("/me/tokens/{id}/revocation") { call, tx in
            guard let id = call.caller?.actor.id, try tx.revokeToken(call.parameter("id"), of: id) else {
                throw Failure.notFound()
            }
            try tx.record(
                Fact(
                    "account.token_revoked", Subject("account", id),
                    data: .make(["token_id": .string(call.parameter("id"))])))
            return .redirect("/me?done=token_revoked")
        }
    }
}

extension LocalPath {
    /// Also the pages of the door: the language is chosen there too.
    static func localOrDoor(_ given: String?) -> String {
        guard let given, given == "/sign-in" || given.hasPrefix("/sign-in/") || given.hasPrefix("/sign-in?")
        else { return safe(given) }
        return given.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != 0x5C }) ? given : "/sign-in"
    }
}

/// What a person chose for the look of pages.
enum Theme: String, CaseIterable, Sendable {
    case system, light, dark
    /// nil follows the system.
    var stored: String? { self == .system ? nil : rawValue }
}

struct ChooseLanguage: Command {
    var language: Language?
    var next: String?
    init(_ read: inout FieldReader) {
        language = read.choice("language")
        next = read.optionalText("next", max: 2000)
    }
}

struct ChooseTheme: Command {
    var theme: Theme?
    var next: String?
    init(_ read: inout FieldReader) {
        theme = read.choice("theme")
        next = read.optionalText("next", max: 2000)
    }
}

struct Preferences: Command {
    var language: Language?
    var zone: String?
    var theme: Theme?
    var phone: String?
    init(_ read: inout FieldReader) {
        language = read.choice("language")
        zone = read.zone("time_zone")
        theme = read.choice("theme")
        phone = read.optionalText("phone", max: 50)
    }
}

struct NewPassword: Command {
    var password: String
    init(_ read: inout FieldReader) {
        password = read.secret("password", max: 1024)
        if read.names("password_again"), read.secret("password_again", max: 1024) != password {
            read.fault("password_again", "password.differs")
        }
    }
}

struct ChangePassword: Command {
    var old: String
    var new: NewPassword
    /// Where to go on to.
    var next: String?
    init(_ read: inout FieldReader) {
        old = read.secret("old_password", max: 1024)
        new = NewPassword(&read)
        next = read.optionalText("next", max: 2000)
    }
}

struct Confirmation: Command {
    var password: String
    var next: String?
    init(_ read: inout FieldReader) {
        password = read.secret("password", max: 1024)
        next = read.optionalText("next", max: 2000)
    }
}

struct NewToken: Command {
    var name: String
    var days: Int64?
    init(_ read: inout FieldReader) {
        name = read.text("name", max: 60)
        days = read.optionalInt("days", 1...3650)
    }
}
