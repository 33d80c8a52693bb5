namespace MLNetRecExt;

/// <summary>The steps of a training, each of which ends when all workers are done and everybody has what the others computed.</summary>
internal enum WalsStep
{
    Load,
    ItemGramian,
    Items,
    UserGramian,
    Users,
    Checkpoint,
}
