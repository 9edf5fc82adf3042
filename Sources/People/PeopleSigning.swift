import Base
import Store
import Web

/// Signed steps ask for the password again: it counts for ten minutes in that session.
public enum PeopleSigning {
    static let lasts = Span.minutes(10)

    /// Whether a signed step may go on now. A personal token was made for programs and counts as it is.
    public static func isConfirmed(_ call: Call) -> Bool {
        guard let caller = call.caller else { return false }
        guard caller.sessionID != nil else { return true }
        return caller.confirmedAt.map { call.now - $0 < lasts } ?? false
    }

    /// Refuses with `signature.needed` where the password was not typed within ten minutes.
    public static func requireConfirmed(_ call: Call) throws {
        guard isConfirmed(call) else { throw Failure.forbidden("signature.needed") }
    }

    /// Checks the password of whoever is signed in and marks the session. Refuses with
    /// `password.wrong` on the field `password`; throttled by account.
    public static func confirm(_ call: Call, _ kit: Kit, password: String) async throws {
        guard let caller = call.caller, let id = caller.actor.id else {
            throw Failure(.unauthenticated, "unauthenticated")
        }
        let key = "confirm:" + id.text
        try await kit.throttle.take(.init(key, burst: 5, perMinute: 1))
        let hash = try await kit.store.read(by: caller.actor) { try $0.passwordHash(of: id) }
        guard try await Passwords.matches(password, hash: hash) else {
            throw Failure.invalid("password", "password.wrong")
        }
        try await kit.store.write(by: caller.actor) { tx in
            try tx.forgetTries(key)
            guard let session = caller.sessionID else { return }
            try tx.confirmSession(session)
            try tx.record(Fact("account.confirmed", Subject("account", id)))
        }
    }

    /// A field for the password, to be put into the form of a signed step that leads to
    /// `/me/confirmation` first; empty where it was just typed.
    public static func field(_ call: Call) -> HTML {
        guard !isConfirmed(call) else { return "" }
        return """
            <p class="banner banner-info">\(Icon.stamp)<span>\(call.t("signature.needed.hint")) \
            <a href="/me/confirmation?next=\(FormBody.encode(call.path))">\(call.t("signature.confirm"))</a></span></p>
            """
    }
}

/// Where to go on after a form: only places of our own.
public enum LocalPath {
    /// The path where it is one of ours, else the fallback. `//elsewhere`, `/\elsewhere`, schemes and
    /// control characters are not.
    public static func safe(_ given: String?, else fallback: String = "/") -> String {
        guard let given, given.utf8.count <= 2000, given.hasPrefix("/"), !given.hasPrefix("//"),
            given.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != 0x5C }),
            !given.hasPrefix("/sign-in"), !given.hasPrefix("/sign-out"),
            !given.dropFirst().hasPrefix("/")
        else { return fallback }
        return given
    }
}
