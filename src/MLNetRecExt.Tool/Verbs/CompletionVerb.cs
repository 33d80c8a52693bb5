using System.CommandLine;

namespace MLNetRecExt.Tool.Verbs;

/// <summary>Prints what makes a shell complete the tool's verbs and options.</summary>
internal sealed class CompletionVerb : Verb
{
    private static readonly Dictionary<string, string> Scripts = new()
    {
        // Asked of the tool itself: [suggest:POSITION] is answered with a word a line.
        ["bash"] = """
            _mlrec() {
                local IFS=$'\n'
                COMPREPLY=($(compgen -W "$(mlrec "[suggest:$COMP_POINT]" "$COMP_LINE" 2>/dev/null)" -- "${COMP_WORDS[COMP_CWORD]}"))
            }
            complete -o default -F _mlrec mlrec
            """,
        ["zsh"] = """
            _mlrec() {
                local -a words=("${(@f)$(mlrec "[suggest:$CURSOR]" "$BUFFER" 2>/dev/null)}")
                compadd -a words
                _files
            }
            compdef _mlrec mlrec
            """,
        ["fish"] = """
            complete -c mlrec -a '(mlrec "[suggest:"(commandline -C)"]" (commandline -b) 2>/dev/null)'
            """,
        ["pwsh"] = """
            Register-ArgumentCompleter -Native -CommandName mlrec -ScriptBlock {
                param($word, $command, $position)
                mlrec "[suggest:$position]" "$command" |
                    ForEach-Object { [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_) }
            }
            """,
    };

    private readonly Argument<string> _shell = new("shell") { Description = "The shell." };

    public CompletionVerb()
        : base("completion", "Print a script that lets a shell complete verbs and options.",
            "source <(mlrec completion bash)", "mlrec completion fish > ~/.config/fish/completions/mlrec.fish",
            "mlrec completion pwsh | Out-String | Invoke-Expression")
    {
        _shell.AcceptOnlyFromAmong([.. Scripts.Keys]);
        Add(_shell);
    }

    protected override Task<Answer> AnswerAsync(ParseResult arguments, CancellationToken cancellation)
    {
        var script = Scripts[arguments.GetValue(_shell)!];
        return Task.FromResult(new Answer(script, new { Script = script }));
    }
}
