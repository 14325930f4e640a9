public import OrderFlow

extension Signal {
  /// What lessens the signal, to be written behind its title for people; empty when nothing does.
  public var marks: String {
    (warming ? " [warming]" : "") + (dataGap ? " [data gap]" : "")
  }
}
