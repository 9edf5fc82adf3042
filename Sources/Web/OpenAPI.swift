import Base

/// The description of the API (OpenAPI 3.1.0), written from the table that serves it.
public enum OpenAPI {
    /// JSON Schema of an object with described fields.
    static func object(_ fields: [FieldReader.Described]) -> JSON {
        let required = fields.filter(\.isRequired).map { JSON.string($0.name) }
        var members: [JSON.Member] = [
            .init("type", "object"),
            .init("properties", .object(fields.map { JSON.Member($0.name, $0.schema) })),
            .init("additionalProperties", false),
        ]
        if !required.isEmpty { members.append(.init("required", .array(required))) }
        return .object(members)
    }

    public static func document(_ routes: [Route], version: String) -> JSON {
        var paths: [(String, [JSON.Member])] = []
        var schemas: [String: JSON] = [:]
        for route in routes where route.surface == .api {
            let operation = operation(route, &schemas)
            let member = JSON.Member(route.method.lowercased(), operation)
            if let i = paths.firstIndex(where: { $0.0 == route.path }) {
                paths[i].1.append(member)
            } else {
                paths.append((route.path, [member]))
            }
        }
        schemas["Problem"] = problem
        return .make([
            "openapi": "3.1.0",
            "info": .make(["title": "Fettle", "version": .string(version)]),
            "servers": [.make(["url": "/"])],
            "security": [.make(["bearer": []])],
            "paths": .object(paths.map { JSON.Member($0.0, .object($0.1)) }),
            "components": .make([
                "securitySchemes": .make(["bearer": .make(["type": "http", "scheme": "bearer"])]),
                "schemas": .object(schemas.sorted { $0.key < $1.key }.map { JSON.Member($0.key, $0.value) }),
            ]),
        ])
    }

    private static func operation(_ route: Route, _ schemas: inout [String: JSON]) -> JSON {
        var parameters: [JSON] = []
        for s in route.segments {
            if case .parameter(let name) = s {
                parameters.append(
                    .make([
                        "name": .string(name), "in": "path", "required": true,
                        "schema": .make(["type": "string"]),
                    ]))
            }
        }
        if let query = route.doc.query {
            for field in FieldReader.describe(query) {
                parameters.append(
                    .make([
                        "name": .string(field.name), "in": "query", "required": .bool(field.isRequired),
                        "schema": field.schema,
                    ]))
            }
        }
        if route.method == "POST" {
            parameters.append(
                .make([
                    "name": "Idempotency-Key", "in": "header", "required": false,
                    "schema": .make([
                        "type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[!-~]+$",
                    ]),
                ]))
        }
        if route.doc.needsMatch {
            parameters.append(
                .make([
                    "name": "If-Match", "in": "header", "required": true, "schema": .make(["type": "string"]),
                ]))
        }
        var members: [JSON.Member] = [
            .init("operationId", .string(operationID(route))), .init("summary", .string(route.doc.summary)),
            .init("tags", [.string(route.doc.tag)]),
        ]
        if !parameters.isEmpty { members.append(.init("parameters", .array(parameters))) }
        if route.door == .everyone { members.append(.init("security", [])) }
        if let body = route.doc.body {
            let fields = FieldReader.describe(body)
            members.append(
                .init(
                    "requestBody",
                    .make([
                        "required": .bool(fields.contains(where: \.isRequired)),
                        "content": .make(["application/json": .make(["schema": object(fields)])]),
                    ])))
        } else if route.doc.isUpload {
            members.append(
                .init(
                    "requestBody",
                    .make([
                        "required": true,
                        "content": .make([
                            "multipart/form-data": .make([
                                "schema": .make([
                                    "type": "object", "required": ["file"],
                                    "properties": .make([
                                        "file": .make(["type": "string", "format": "binary"])
                                    ]),
                                ])
                            ])
                        ]),
                    ])))
        }
        members.append(.init("responses", responses(route, &schemas)))
        return .object(members)
    }

    private static func responses(_ route: Route, _ schemas: inout [String: JSON]) -> JSON {
        var success: [JSON.Member] = [.init("description", .string(route.doc.summary))]
        if route.doc.status != 204, route.doc.answer.schema != .null {
            let schema: JSON
            if let name = route.doc.answer.name {
                schemas[name] = route.doc.answer.schema
                schema = .make(["$ref": .string("#/components/schemas/" + name)])
            } else {
                schema = route.doc.answer.schema
            }
            success.append(.init("content", .make(["application/json": .make(["schema": schema])])))
        }
        var out: [JSON.Member] = [.init(String(route.doc.status), .object(success))]
        var kinds: [Failure.Kind] = [
            .malformed, .unauthenticated, .forbidden, .notFound, .tooMany, .unavailable,
        ]
        if route.doc.query != nil || route.method != "GET" { kinds.append(.invalid) }
        if route.method != "GET" { kinds += [.conflict, .tooLarge, .unsupportedMedia] }
        if route.doc.needsMatch { kinds += [.preconditionFailed, .preconditionRequired] }
        for kind in kinds.sorted(by: { $0.rawValue < $1.rawValue }) {
            out.append(
                .init(
                    String(kind.rawValue),
                    .make([
                        "description": .string(Strings.of(.english)["status.\(kind.rawValue)"]),
                        "content": .make([
                            "application/problem+json": .make([
                                "schema": .make(["$ref": "#/components/schemas/Problem"])
                            ])
                        ]),
                    ])))
        }
        return .object(out)
    }

    private static func operationID(_ route: Route) -> String {
        let words = route.path.dropFirst("/api/v1/".count).split(separator: "/").map {
            $0.hasPrefix("{") ? "by_" + $0.dropFirst().dropLast() : $0.replacing("-", with: "_")
        }
        return ([route.method.lowercased()] + words.map(String.init)).joined(separator: "_")
    }

    private static var problem: JSON {
        .make([
            "type": "object", "required": ["status", "title", "detail", "code"],
            "properties": .make([
                "type": .make(["type": "string"]), "status": .make(["type": "integer"]),
                "title": .make(["type": "string"]), "detail": .make(["type": "string"]),
                "code": .make(["type": "string"]), "instance": .make(["type": "string"]),
                "errors": .make([
                    "type": "array",
                    "items": .make([
                        "type": "object", "required": ["field", "code", "detail"],
                        "properties": .make([
                            "field": .make(["type": "string"]), "code": .make(["type": "string"]),
                            "detail": .make(["type": "string"]),
                        ]),
                    ]),
                ]),
            ]),
        ])
    }
}
