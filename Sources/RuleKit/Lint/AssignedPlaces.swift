/// Collects the expressions that a file assigns to.
struct AssignedPlaces: LuaVisitor {
  private(set) var places: Set<LuaExpression.ID> = []

  mutating func enter(_ statement: LuaStatement) -> Bool {
    switch statement.kind {
    case .assignment(let places, _): self.places.formUnion(places)
    case .function(let place, _): places.insert(place)
    default: break
    }
    return true
  }
}
