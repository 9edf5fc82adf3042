import Base

extension Call {
    /// Refuses unless the caller changes the version that stands: `If-Match` in the API (428, 412), the
    /// hidden field `version` in a page's form.
    public func requireVersion(_ current: Int64) throws {
        let given =
            switch surface {
            case .api: headers["if-match"]
            case .page: typed("version")
            }
        guard let given, !given.trimmed.isEmpty else {
            throw Failure(.preconditionRequired, "precondition.required")
        }
        if given.trimmed == "*" { return }
        let tags = given.split(separator: ",").map { tag in
            tag.trimmed.replacing("W/", with: "").replacing("\"", with: "")
        }
        guard tags.contains(String(current)) else {
            throw Failure(.preconditionFailed, "precondition.failed")
        }
    }

    /// Whether the caller has this version already (`If-None-Match`: a list, weak tags, or `*`).
    public func holds(_ version: Int64) -> Bool {
        (headers["if-none-match"] ?? "").split(separator: ",").contains { tag in
            let tag = tag.trimmed
            return tag == "*" || (tag.hasPrefix("W/") ? String(tag.dropFirst(2)) : tag) == "\"\(version)\""
        }
    }

    /// After a change: the page is shown anew, or the JSON with its version is given back.
    public func respond(page: String, json: @autoclosure () throws -> JSON, version: Int64? = nil) rethrows
        -> Reply
    {
        switch surface {
        case .page: .redirect(page)
        case .api: try Reply.json(json()).tagged(version)
        }
    }

    /// After something was made: the page of it, or 201 with its address under `/api/v1`.
    public func respond(
        made path: String, page: String, json: @autoclosure () throws -> JSON, version: Int64? = nil
    )
        rethrows -> Reply
    {
        switch surface {
        case .page: .redirect(page)
        case .api: try Reply.created(json(), at: "/api/v1" + path).tagged(version)
        }
    }
}

extension Call {
    /// Refuses a form that does not carry the session's secret: in a field, or as the header that our
    /// own scripts send. A token has none, for no browser sends one by itself.
    public func requireSecret(_ sent: String?) throws {
        guard let secret = caller?.formToken else { return }
        let given = headers["x-form-token"] ?? sent ?? ""
        guard Secrets.equal(Array(given.utf8), Array(secret.utf8)) else { throw Failure.forbidden("forged") }
    }
}

extension Reply {
    /// With the version as `ETag`.
    public func tagged(_ version: Int64?) -> Reply {
        version.map { with("ETag", "\"\($0)\"") } ?? self
    }
}
