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

extension Reply {
    /// With the version as `ETag`.
    public func tagged(_ version: Int64?) -> Reply {
        version.map { with("ETag", "\"\($0)\"") } ?? self
    }
}
