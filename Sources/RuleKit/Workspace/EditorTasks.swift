/// What `betterbot init` writes for editors of the family of Visual Studio Code.
public enum EditorTasks {
  /// `.vscode/tasks.json`: check and test by a key, with what is wrong shown in the lines.
  public static let tasks = """
    {
      "version": "2.0.0",
      "tasks": [
        {
          "label": "betterbot: check",
          "type": "process",
          "command": "betterbot",
          "args": ["check"],
          "group": {"kind": "build", "isDefault": true},
          "presentation": {"reveal": "silent"},
          "problemMatcher": {
            "owner": "betterbot",
            "fileLocation": ["relative", "${workspaceFolder}"],
            "pattern": {
              "regexp": "^(.+\\\\.lua):(\\\\d+):(?:(\\\\d+):)? (?:(error|warning): )?(.+)$",
              "file": 1,
              "line": 2,
              "column": 3,
              "severity": 4,
              "message": 5
            }
          }
        },
        {
          "label": "betterbot: test",
          "type": "process",
          "command": "betterbot",
          "args": ["test"],
          "group": {"kind": "test", "isDefault": true},
          "problemMatcher": []
        },
        {
          "label": "betterbot: test --watch",
          "type": "process",
          "command": "betterbot",
          "args": ["test", "--watch"],
          "group": "test",
          "isBackground": true,
          "problemMatcher": []
        }
      ]
    }

    """

  /// `.vscode/extensions.json`: what reads the types and the settings of a workspace.
  public static let extensions = """
    {
      "recommendations": ["sumneko.lua", "kampfkarren.selene-vscode"]
    }

    """
}
