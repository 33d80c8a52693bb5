using MLNetRecExt.Kernels;

namespace MLNetRecExt;

/// <summary>Embeds a history by stochastic gradient steps on the query's row alone: items are copied before each step, and the copies
/// dropped.</summary>
internal sealed unsafe class SgdFoldIn(FactorModel model, SgdSettings settings)
{
    private const int Passes = 30;

    private readonly float _slowdown = settings.SlowdownFor(model.History);
    private readonly ItemSampler _sampler = new(model.ItemCountArray, settings.Negatives);

    /// <summary>Sets <paramref name="embedding"/> to what scores the items for a query: zeros when nothing is known about it.</summary>
    public void Solve(RecommenderQuery query, Span<float> embedding)
    {
        var taken = new TakenItems(model, query);
        embedding.Clear();
        if (taken.Count == 0)
            return;
        var rank = model.ApproximationRank;
        var rows = new AlignedMatrix(3, rank);
        var states = new AlignedMatrix(3, SgdKernels.StateSize);
        var kernels = SgdKernels.For(rows.Stride);
        float* p = rows.Pointer, q = p + rows.Stride, r = q + rows.Stride;
        float* pState = states.Pointer, qState = pState + states.Stride, rState = qState + states.Stride;
        states[0][..SgdKernels.Bias].Fill(1);
        var random = new SeededRandom(settings.Seed);
        for (int pass = 0; pass < Passes; pass++)
        {
            var stepper = new SgdStepper(kernels, settings, rank, pass, _slowdown);
            for (int e = 0; e < taken.Count; e++)
            {
                var (item, label, weight) = (taken.Items[e], taken.Label(e), taken.Weight(e));
                Load(item, 1);
                if (settings.Loss == SgdLoss.SquaredError)
                {
                    stepper.StepsToLabels(p, pState, q, qState, [0], &label, &weight, model.Mean);
                    continue;
                }
                if (settings.Loss == SgdLoss.Logistic)
                    stepper.LogisticStep(p, pState, q, qState, isPositive: true, weight);
                for (int n = 0; n < settings.NumberOfNegatives; n++)
                {
                    if (_sampler.DrawNegative(taken.Items, 0, _sampler.Items.Length, ref random) is not { } negative)
                        break;
                    Load(negative, 2);
                    if (settings.Loss == SgdLoss.Logistic)
                    {
                        stepper.LogisticStep(p, pState, r, rState, isPositive: false, weight);
                        continue;
                    }
                    Load(item, 1);
                    stepper.PairStep(p, pState, q, qState, r, rState, weight);
                }
            }
        }
        rows[0].CopyTo(embedding);
        if (model.HasBiases)
        {
            embedding[^2] = states[0][SgdKernels.Bias] + model.Mean;
            embedding[^1] = 1;
        }
        GC.KeepAlive(rows);
        GC.KeepAlive(states);

        void Load(int item, int row)
        {
            model.ItemFactors(item).CopyTo(rows[row]);
            states[row][..SgdKernels.Bias].Fill(1);
            states[row][SgdKernels.Bias] = model.ItemBias(item);
        }
    }
}
