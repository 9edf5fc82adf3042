/// A refusal, named. The only error that may reach a caller as more than "something went wrong".
///
/// The code is stable and also the key of its sentence (`error.<code>`) in the strings of each
/// language; `arguments` fill the sentence's `{name}` places. A failure never carries what the
/// caller may not see.
public struct Failure: Error, Sendable, Equatable {
    /// What went wrong in the terms of HTTP; precedence as in the API's conventions.
    public enum Kind: Int, Sendable, CaseIterable {
        case malformed = 400
        case unauthenticated = 401
        case forbidden = 403
        case notFound = 404
        case methodNotAllowed = 405
        case conflict = 409
        case preconditionFailed = 412
        case tooLarge = 413
        case unsupportedMedia = 415
        case invalid = 422
        case preconditionRequired = 428
        case tooMany = 429
        case unavailable = 503
        case `internal` = 500
    }

    public var kind: Kind
    /// Stable, dotted, lower case: `ticket.own_work`.
    public var code: String
    public var arguments: [String: String]
    /// What is wrong field by field (422).
    public var fields: [FieldFailure]
    /// Seconds after which another try makes sense (429, 503).
    public var retryAfterS: Int?

    public init(
        _ kind: Kind, _ code: String, _ arguments: [String: String] = [:],
        fields: [FieldFailure] = [], retryAfterS: Int? = nil
    ) {
        self.kind = kind
        self.code = code
        self.arguments = arguments
        self.fields = fields
        self.retryAfterS = retryAfterS
    }

    public static func notFound(_ code: String = "not_found") -> Failure { .init(.notFound, code) }
    public static func forbidden(_ code: String = "forbidden") -> Failure {
        .init(.forbidden, code)
    }
    public static func conflict(_ code: String, _ arguments: [String: String] = [:]) -> Failure {
        .init(.conflict, code, arguments)
    }
    /// Wrong content in one field.
    public static func invalid(
        _ field: String, _ code: String, _ arguments: [String: String] = [:]
    ) -> Failure {
        .init(
            .invalid, "invalid",
            fields: [FieldFailure(field: field, code: code, arguments: arguments)])
    }
}

/// What is wrong with one field; `code` is a key of a sentence, as in `Failure`.
public struct FieldFailure: Sendable, Equatable {
    public var field: String
    public var code: String
    public var arguments: [String: String]

    public init(field: String, code: String, arguments: [String: String] = [:]) {
        self.field = field
        self.code = code
        self.arguments = arguments
    }
}
